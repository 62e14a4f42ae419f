using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>The checks that every metric starts with.</summary>
internal static class MetricInput
{
    public static void RequirePaired(int labels, int others, string name)
    {
        if (labels != others) throw new ArgumentException($"There must be one value per label: {labels} labels, {others} values.", name);
    }

    public static void RequireScores(int labels, ReadOnlySpan<double> scores, int width)
    {
        if (scores.Length != (long)labels * width)
        {
            throw new ArgumentException(
                $"{labels} labels and {width} classes need {(long)labels * width} scores, not {scores.Length}.",
                nameof(scores));
        }
        RequireNumbers(scores, nameof(scores));
    }

    public static void RequireNumbers(ReadOnlySpan<double> values, string name)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value)) throw new ArgumentException("A value is NaN.", name);
        }
    }

    public static void RequireProbabilities(ReadOnlySpan<double> scores)
    {
        foreach (var score in scores)
        {
            if (!(score is >= 0 and <= 1)) throw new ArgumentException("A score is not a probability between 0 and 1.", nameof(scores));
        }
    }

    /// <summary>
    /// The weights to compute with: none where all are equal, as only their ratios count, and scaled where their squares would overflow.
    /// </summary>
    public static ReadOnlySpan<double> Weights(int rows, ReadOnlySpan<double> weights)
    {
        if (weights.IsEmpty) return weights;
        RequirePaired(rows, weights.Length, nameof(weights));
        foreach (var weight in weights)
        {
            if (double.IsFinite(weight) && weight > 0) continue;
            throw new ArgumentException("A weight is not a finite number above 0.", nameof(weights));
        }

        if (Samples.IsConstant(weights)) return default;
        Samples.Balance(ref weights);
        return weights;
    }

    /// <summary>The weight of a row: 1 where there are none.</summary>
    public static double At(this ReadOnlySpan<double> weights, int row) => weights.IsEmpty ? 1 : weights[row];

    public static int Class(double value, int classCount, string name)
    {
        var k = (int)value;
        return k == value && k >= 0 && k < classCount
            ? k
            : throw new ArgumentException($"{value} is not a class from 0 to {classCount - 1}.", name);
    }
}
