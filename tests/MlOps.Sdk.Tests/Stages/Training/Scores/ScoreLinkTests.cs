using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Training.ModelFactoryTests;

namespace MlOps.Sdk.Tests.Training;

public sealed class ScoreLinkTests
{
    private static readonly TestCaseData[] Misfits =
    [
        new(TaskKind.Regression, ScoreLink.Logistic, "Identity or Exponential"),
        new(TaskKind.Regression, ScoreLink.Softmax, "Identity or Exponential"),
        new(TaskKind.BinaryClassification, ScoreLink.Identity, "Logistic"),
        new(TaskKind.BinaryClassification, ScoreLink.Exponential, "Logistic"),
        new(TaskKind.BinaryClassification, ScoreLink.Calibrated(), "one calibration"),
        new(TaskKind.BinaryClassification, ScoreLink.Calibrated(Calibration.Platt(-1, 0), Calibration.Platt(-1, 0)), "one calibration"),
        new(TaskKind.MulticlassClassification, ScoreLink.Identity, "Softmax"),
        new(TaskKind.MulticlassClassification, ScoreLink.Logistic, "3 calibrations"),
    ];

    [TestCaseSource(nameof(Misfits))]
    public void Factory_LinkOfAnotherTask_FailsNamingThoseThatFit(TaskKind task, ScoreLink link, string remedy)
    {
        var outputs = task == TaskKind.MulticlassClassification ? 3 : 1;

        Assert.That(
            () => ModelFactory.Trees(new ModelSignature(task, 1, outputs), [], new double[outputs], link),
            Throws.InstanceOf<MlOpsException>().With.Property("Remedy").Contains(remedy));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(1e300)]
    [TestCase(1e-300)]
    public void DividedBy_ImpossibleDivisor_Fails(double divisor) =>
        Assert.That(() => ScoreLink.Identity.DividedBy(divisor), Refusal("divided by"));

    [Test]
    public void Apply_SinglePrecision_RoundsTheSumThePartsAndTheResult()
    {
        double[] numbers = [0.1, 0.7, -0.3];
        var scores = (double[])numbers.Clone();

        var link = ScoreLink.Calibrated(Calibration.Platt(-1, 0), Calibration.Platt(-2, 0), Calibration.Platt(-3, 1));
        Apply(link.InSinglePrecision(), scores);

        float[] parts =
        [
            (float)(1 / (1 + Math.Exp(-(double)(float)numbers[0]))),
            (float)(1 / (1 + Math.Exp(-2 * (double)(float)numbers[1]))),
            (float)(1 / (1 + Math.Exp(-3 * (double)(float)numbers[2] + 1))),
        ];
        var sum = (double)parts[0] + parts[1] + parts[2];
        Assert.That(scores, Is.EqualTo(parts.Select(part => (double)(float)(part / sum))));
    }

    [Test]
    public void Apply_SinglePrecisionDivided_DividesInSinglePrecision()
    {
        // A number whose quotient depends on where it is rounded.
        var number = Enumerable.Range(1, 1000).Select(i => 1.0 / i).First(number => (float)number / 7f != (float)(number / 7));
        var scores = new[] { number };

        Apply(ScoreLink.Identity.DividedBy(7).InSinglePrecision(), scores);

        Assert.That(scores[0], Is.EqualTo((double)((float)number / 7f)));
    }

    [Test]
    public void Apply_NormalizedExponentialOfLargeScores_GivesProbabilitiesStill()
    {
        foreach (var shift in new[] { 0.0, 690, 5000, -690, -5000 })
        {
            double[] scores = [shift, shift + 1, shift - 1];

            Apply(ScoreLink.NormalizedExponential, scores);

            Assert.That(scores.Sum(), Is.EqualTo(1).Within(1e-15));
            Assert.That(scores[1] / scores[0], Is.EqualTo(Math.E).Within(1e-9));
        }
    }

    [Test]
    public void Apply_NormalizedExponential_IsNotShifted()
    {
        double[] scores = [0.3, 1.7, -0.9];
        var exponentials = scores.Select(Math.Exp).ToArray();
        var sum = exponentials[0] + exponentials[1] + exponentials[2];

        Apply(ScoreLink.NormalizedExponential, scores);

        Assert.That(scores, Is.EqualTo(exponentials.Select(exponential => exponential / sum)));
    }

    [Test]
    public void Apply_AllProbabilitiesZero_StayZero()
    {
        var zero = Calibration.Binned(0, 1, [0]);
        double[] scores = [1, 2];

        Apply(ScoreLink.Calibrated(zero, zero), scores);

        Assert.That(scores, Is.EqualTo(new double[] { 0, 0 }));
    }

    private static void Apply(ScoreLink link, double[] scores) => link.Apply(scores);
}
