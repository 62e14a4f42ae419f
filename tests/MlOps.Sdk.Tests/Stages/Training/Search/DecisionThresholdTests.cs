using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public class DecisionThresholdTests
{
    [Test]
    public void Choose_RandomRows_CostsNoMoreThanAnyThreshold([Range(0, 59)] int seed)
    {
        var random = new Random(seed);
        var rows = random.Next(1, 40);
        double[] scores = [.. Enumerable.Range(0, rows).Select(_ => seed % 2 == 0 ? random.Next(6) / 5.0 : random.NextDouble())];
        double[] labels = [.. scores.Select(score => random.NextDouble() < score ? 1.0 : 0.0)];
        var costs = new ErrorCosts(random.Next(4), random.Next(1, 30));

        var threshold = DecisionThreshold.Choose(labels, scores, costs);

        var chosen = Cost(threshold);
        foreach (var other in scores.Append(0).Append(2).Append(threshold).SelectMany(score => new[] { score, Math.BitIncrement(score) }))
            Assert.That(chosen, Is.LessThanOrEqualTo(Cost(other)), $"at {other}");

        double Cost(double at)
        {
            var sum = 0.0;
            for (var i = 0; i < rows; i++)
            {
                if (scores[i] >= at && labels[i] == 0) sum += costs.FalsePositive;
                if (scores[i] < at && labels[i] == 1) sum += costs.FalseNegative;
            }

            return sum;
        }
    }

    [Test]
    public void Choose_WeightedRows_CostsNoMoreThanAnyThreshold([Range(0, 59)] int seed)
    {
        var random = new Random(seed);
        var rows = random.Next(1, 40);
        double[] scores = [.. Enumerable.Range(0, rows).Select(_ => seed % 2 == 0 ? random.Next(6) / 5.0 : random.NextDouble())];
        double[] labels = [.. scores.Select(score => random.NextDouble() < score ? 1.0 : 0.0)];
        double[] weights = [.. scores.Select(_ => Math.Exp(4 * random.NextDouble()))];
        var costs = new ErrorCosts(random.Next(4), random.Next(1, 30));

        var threshold = DecisionThreshold.Choose(labels, scores, costs, weights);

        var chosen = Cost(threshold);
        foreach (var other in scores.Append(0).Append(2).SelectMany(score => new[] { score, Math.BitIncrement(score) }))
            Assert.That(chosen, Is.LessThanOrEqualTo(Cost(other) * (1 + 1e-12)), $"at {other}");

        double Cost(double at)
        {
            var sum = 0.0;
            for (var i = 0; i < rows; i++)
            {
                if (scores[i] >= at && labels[i] == 0) sum += weights[i] * costs.FalsePositive;
                if (scores[i] < at && labels[i] == 1) sum += weights[i] * costs.FalseNegative;
            }

            return sum;
        }
    }

    [Test]
    public void Choose_WholeWeights_MeanAsManyRows([Range(0, 29)] int seed)
    {
        var random = new Random(seed);
        var rows = random.Next(1, 40);
        double[] scores = [.. Enumerable.Range(0, rows).Select(_ => random.Next(20) / 20.0)];
        double[] labels = [.. scores.Select(score => random.NextDouble() < score ? 1.0 : 0.0)];
        int[] times = [.. scores.Select(_ => random.Next(1, 4))];
        double[] Repeated(double[] values) => [.. values.SelectMany((value, i) => Enumerable.Repeat(value, times[i]))];
        var costs = new ErrorCosts(1, random.Next(1, 5));

        Assert.That(
            DecisionThreshold.Choose(labels, scores, costs, Array.ConvertAll(times, many => many * 0.1)),
            Is.EqualTo(DecisionThreshold.Choose(Repeated(labels), Repeated(scores), costs)));
    }

    [Test]
    public void Choose_BadWeights_Throw() => Assert.Multiple(() =>
    {
        Assert.That(() => DecisionThreshold.Choose([0, 1], [0.1, 0.9], weights: [1]), Throws.ArgumentException);
        Assert.That(() => DecisionThreshold.Choose([0, 1], [0.1, 0.9], weights: [1, 0]), Throws.ArgumentException);
        Assert.That(() => DecisionThreshold.Choose([0, 1], [0.1, 0.9], weights: [1, double.NaN]), Throws.ArgumentException);
    });

    [Test]
    public void Choose_CleanGap_TakesItsMiddle() =>
        Assert.That(DecisionThreshold.Choose([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9]), Is.EqualTo(0.4).Within(1e-15));

    [Test]
    public void Choose_SeveralEquallyGood_TakesTheNearestToOneHalf() =>
        Assert.That(DecisionThreshold.Choose([0, 1, 0, 1], [0.1, 0.44, 0.54, 0.9]), Is.EqualTo(0.72).Within(1e-15));

    [Test]
    public void Choose_MissesCostNothing_NeverDecidesPositive() =>
        Assert.That(DecisionThreshold.Choose([0, 1, 1, 0], [0.1, 0.4, 0.5, 1.0], new ErrorCosts(1, 0)), Is.GreaterThan(1.0));

    [Test]
    public void Choose_AlarmsCostNothing_AlwaysDecidesPositive() =>
        Assert.That(DecisionThreshold.Choose([0, 1, 0, 1], [0.3, 0.4, 0.5, 0.9], new ErrorCosts(0, 1)), Is.LessThanOrEqualTo(0.4));

    [Test]
    public void Choose_AdjacentDoubles_StillSeparates()
    {
        var upper = Math.BitIncrement(0.3);

        Assert.That(DecisionThreshold.Choose([0, 1], [0.3, upper]), Is.EqualTo(upper));
    }

    [Test]
    public void Choose_NaNScore_Throws() => Assert.That(() => DecisionThreshold.Choose([0, 1], [double.NaN, 1]), Throws.ArgumentException);
}
