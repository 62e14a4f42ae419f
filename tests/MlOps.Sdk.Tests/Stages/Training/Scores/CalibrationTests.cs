using MlOps.Sdk.Training;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Training.ModelFactoryTests;

namespace MlOps.Sdk.Tests.Training;

public sealed class CalibrationTests
{
    [Test]
    public void Probability_Platt_IsTheLogisticFunctionOfSlopeAndOffset()
    {
        var calibration = Calibration.Platt(-2, 0.5);

        Assert.That(calibration.Probability(0.25), Is.EqualTo(0.5));
        Assert.That(calibration.Probability(1), Is.EqualTo(1 / (1 + Math.Exp(-1.5))));
        Assert.That(calibration.Probability(double.PositiveInfinity), Is.EqualTo(1));
        Assert.That(calibration.Probability(double.NegativeInfinity), Is.Zero);
        Assert.That(calibration.Probability(double.NaN), Is.NaN);
    }

    [TestCase(-9, 0.1f)]
    [TestCase(-1, 0.1f)]
    [TestCase(-0.5, 0.1f)]
    [TestCase(0, 0.1f)]
    [TestCase(0.5, 0.25f)]
    [TestCase(1, 0.4f)]
    [TestCase(2, 0.4f)]
    [TestCase(2.5, 0.7f)]
    [TestCase(3, 1f)]
    [TestCase(99, 1f)]
    public void Probability_Isotonic_IsConstantInStepsAndLinearBetween(double score, double expected) =>
        Assert.That(
            Calibration.Isotonic([-1, 1, 3], [0, 2, 4], [0.1f, 0.4f, 1]).Probability(score),
            Is.EqualTo(expected).Within(1e-7));

    [Test]
    public void Probability_IsotonicOfZero_IsNeverImpossible() =>
        Assert.That(Calibration.Isotonic([0], [1], [0]).Probability(0.5), Is.EqualTo(1e-15f));

    [TestCase(-99, 0.1f)]
    [TestCase(0, 0.1f)]
    [TestCase(0.5, 0.2f)]
    [TestCase(1.49, 0.3f)]
    [TestCase(1e30, 0.3f)]
    [TestCase(double.PositiveInfinity, 0.3f)]
    public void Probability_Binned_IsThatOfTheBinOrTheNearest(double score, double expected) =>
        Assert.That(Calibration.Binned(0, 0.5f, [0.1f, 0.2f, 0.3f]).Probability(score), Is.EqualTo(expected));

    [Test]
    public void Probability_MissingScore_IsMissing()
    {
        Assert.That(Calibration.Isotonic([0], [1], [0.5f]).Probability(double.NaN), Is.NaN);
        Assert.That(Calibration.Binned(0, 1, [0.5f]).Probability(double.NaN), Is.NaN);
    }

    [Test]
    public void Platt_NumberThatIsNotFinite_Fails()
    {
        Assert.That(() => Calibration.Platt(double.NaN, 0), Refusal("slope NaN"));
        Assert.That(() => Calibration.Platt(0, double.NegativeInfinity), Refusal("offset -Infinity"));
    }

    private static readonly TestCaseData[] Steps =
    [
        new("0 lowest scores", Array.Empty<float>(), Array.Empty<float>(), Array.Empty<float>()),
        new("1 lowest scores, 2 highest", new[] { 0f }, new[] { 1f, 2f }, new[] { 0.5f }),
        new("Step 0", new[] { 2f }, new[] { 1f }, new[] { 0.5f }),
        new("Step 1", new[] { 0f, 1f }, new[] { 1f, 2f }, new[] { 0.5f, 0.6f }),
        new("Step 1", new[] { 0f, 2f }, new[] { 1f, 3f }, new[] { 0.5f, 0.4f }),
        new("Step 0", new[] { 0f }, new[] { 1f }, new[] { 1.5f }),
        new("Step 0", new[] { 0f }, new[] { 1f }, new[] { float.NaN }),
        new("Step 0", new[] { float.NaN }, new[] { 1f }, new[] { 0.5f }),
        new("Step 0", new[] { 0f }, new[] { float.PositiveInfinity }, new[] { 0.5f }),
    ];

    [TestCaseSource(nameof(Steps))]
    public void Isotonic_ImpossibleSteps_FailsWithTheReason(string why, float[] from, float[] to, float[] probabilities) =>
        Assert.That(() => Calibration.Isotonic(from, to, probabilities), Refusal(why));

    [Test]
    public void Binned_ImpossibleBins_FailsWithTheReason()
    {
        Assert.That(() => Calibration.Binned(0, 1, []), Refusal("0 bins"));
        Assert.That(() => Calibration.Binned(0, 0, [0.5f]), Refusal("width 0"));
        Assert.That(() => Calibration.Binned(float.NaN, 1, [0.5f]), Refusal("begins at NaN"));
        Assert.That(() => Calibration.Binned(0, 1, [-0.5f]), Refusal("probability -0.5"));
    }
}
