using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Training.ModelFactoryTests;

namespace MlOps.Sdk.Tests.Training;

public sealed class AdditiveModelTests
{
    private static readonly ModelSignature Signature = new(TaskKind.Regression, 2, 1);

    [Test]
    public void Predict_BoundsThatSinglePrecisionCannotHold_ComparesAsInDoublePrecision([Range(1, 18)] int steps)
    {
        // Between any two of these bounds there is a number of single precision, and none is one itself.
        var bounds = Enumerable.Range(0, steps).Select(i => 0.1 * (i + 1)).ToArray();
        using var model = ModelFactory.Additive(
            Signature,
            [new(1, [.. bounds, double.MaxValue], [.. Enumerable.Range(0, steps + 1).Select(i => (double)i)], -1)],
            [0],
            ScoreLink.Identity);
        foreach (var bound in bounds)
        {
            foreach (var value in new[] { float.BitDecrement((float)bound), (float)bound, float.BitIncrement((float)bound) })
            {
                Assert.That(DescribedModel.Predict(model, [0, value])[0], Is.EqualTo(bounds.Count(other => other < value)));
            }
        }

        Assert.That(DescribedModel.Predict(model, [0, float.NaN])[0], Is.EqualTo(-1));
        Assert.That(DescribedModel.Predict(model, [0, float.PositiveInfinity])[0], Is.EqualTo(steps));
        Assert.That(DescribedModel.Predict(model, [0, float.NegativeInfinity])[0], Is.Zero);
    }

    [Test]
    public void Predict_SparseFeatures_EqualsTheDenseRow()
    {
        using var model = ModelFactory.Additive(
            new ModelSignature(TaskKind.Regression, 6, 1),
            [new(0, [1, 2], [10, 20], -1), new(3, [0, 5], [100, 200], -7), new(5, [0, 5], [1000, 2000], -7)],
            [0.5],
            ScoreLink.Identity);
        var scores = new double[3];

        model.Predict(
            new FeatureBlock([1.5f, 9, 0.5f, 9, 3, 9], 2, 6, [0, 1, 1, 2], [3, 5], [4, float.NaN]), scores, new PredictScratch());

        Assert.That(
            scores,
            Is.EqualTo(new[]
            {
                DescribedModel.Predict(model, [1.5f, 9, 0, 4, 0, 0])[0],
                DescribedModel.Predict(model, [0.5f, 9, 0, 0, 0, 0])[0],
                DescribedModel.Predict(model, [3, 9, 0, 0, 0, float.NaN])[0],
            }));
        Assert.That(scores, Is.EqualTo(new[] { 20 + 200 + 1000 + 0.5, 10 + 100 + 1000 + 0.5, 20 + 100 - 7 + 0.5 }));
    }

    private static readonly TestCaseData[] Impossible =
    [
        new("0 bounds and 0 effects", new AdditiveTerm(0, [], [], 0)),
        new("1 bounds and 2 effects", new AdditiveTerm(0, [1], [1, 2], 0)),
        new("not in ascending order", new AdditiveTerm(0, [2, 1], [1, 2], 0)),
        new("not in ascending order", new AdditiveTerm(0, [1, double.NaN], [1, 2], 0)),
        new("feature 2", new AdditiveTerm(2, [1], [1], 0)),
        new("feature -1", new AdditiveTerm(-1, [1], [1], 0)),
        new("output 1", new AdditiveTerm(0, [1], [1], 0, Output: 1)),
        new("not a finite number", new AdditiveTerm(0, [1], [double.NaN], 0)),
        new("not a finite number", new AdditiveTerm(0, [1], [1], double.PositiveInfinity)),
    ];

    [TestCaseSource(nameof(Impossible))]
    public void Additive_ImpossibleTerm_FailsWithTheReason(string why, object term) =>
        Assert.That(() => ModelFactory.Additive(Signature, [(AdditiveTerm)term], [0], ScoreLink.Identity), Refusal(why));
}
