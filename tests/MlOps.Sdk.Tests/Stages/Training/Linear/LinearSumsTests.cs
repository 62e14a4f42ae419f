using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public sealed class LinearSumsTests
{
    [Test]
    public void Sum_AnyNumberOfFeatures_IsThatOfAddingThemInTurn([Range(1, 70)] int width, [Values(0, 0.2, 0.95)] double zeros)
    {
        var random = new Random(width);
        var signature = new ModelSignature(TaskKind.Regression, width, 1);
        double[] coefficients = [.. Enumerable.Range(0, width).Select(_ => random.NextDouble() < zeros ? 0 : random.NextDouble() - 0.5)];
        var parallel = new LinearSums(signature, coefficients, [0.25], isParallel: true);
        var inTurn = new LinearSums(signature, coefficients, [0.25], isParallel: false);
        for (var i = 0; i < 20; i++)
        {
            float[] row = [.. Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() * 4 - 2))];
            var expected = 0.25;
            for (var j = 0; j < width; j++) expected += coefficients[j] * row[j];

            Assert.That(inTurn.Sum(0, row, [], []), Is.EqualTo(expected));
            Assert.That(parallel.Sum(0, row, [], []), Is.EqualTo(expected).Within(1e-13));

            var missing = random.Next(width);
            row[missing] = float.NaN;
            var isRead = coefficients[missing] != 0;
            Assert.That(double.IsNaN(inTurn.Sum(0, row, [], [])), Is.EqualTo(isRead));
            Assert.That(double.IsNaN(parallel.Sum(0, row, [], [])), Is.EqualTo(isRead));
        }
    }

    [Test]
    public void Predict_SparseFeatures_EqualsTheDenseRow()
    {
        var random = new Random(3);
        const int width = 200;
        const int dense = 20;
        double[] coefficients = [.. Enumerable.Range(0, width).Select(j => j % 9 == 4 ? 0 : random.NextDouble() - 0.5)];
        var signature = new ModelSignature(TaskKind.Regression, width, 1);
        foreach (var link in new[] { ScoreLink.Identity, ScoreLink.Identity.DividedBy(2) })
        {
            using var model = ModelFactory.Linear(signature, coefficients, [0.5], link);
            int[] slots = [22, 58, 103, 199];
            float[] sparse = [1, 2, float.NaN, 4];
            Assert.That(coefficients[103], Is.Zero, "a missing value stands where nothing is read");
            var row = new float[width];
            for (var j = 0; j < dense; j++) row[j] = random.Next(5);
            for (var i = 0; i < slots.Length; i++) row[slots[i]] = sparse[i];
            var (one, other) = (new double[1], new double[1]);

            model.Predict(new FeatureBlock(row, width), one, new PredictScratch());
            model.Predict(new FeatureBlock(row.AsSpan(0, dense), dense, width, [0, 4], slots, sparse), other, new PredictScratch());

            Assert.That(other[0], Is.EqualTo(one[0]).Within(1e-14));
            Assert.That(one[0], Is.Not.NaN);
        }
    }
}
