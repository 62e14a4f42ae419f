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

    public static int Class(double value, int classCount, string name)
    {
        var k = (int)value;
        return k == value && k >= 0 && k < classCount
            ? k
            : throw new ArgumentException($"{value} is not a class from 0 to {classCount - 1}.", name);
    }
}
