using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// How the values of a column are spread, from its quantile sketch: counts are right to the sketch's rank error (about 0.7 % of the rows),
/// and exact while the column is short. Immutable.
/// </summary>
/// <param name="Edges">
/// The edges of the bins, ascending; bin i reaches from edge i (excluded, except for the first) to edge i + 1 (included).
/// </param>
/// <param name="Counts">About how many values each bin has; one fewer than edges.</param>
/// <param name="Below">About how many values are below the first edge, where a long tail was cut off.</param>
/// <param name="Above">About how many values are above the last edge.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ColumnHistogram(IReadOnlyList<double> Edges, IReadOnlyList<long> Counts, long Below, long Above)
{
    private const int Bins = 32;

    internal static ColumnHistogram? Of(ColumnProfile profile)
    {
        if (profile.Quantiles is not { Count: > 0 } sketch) return null;
        var (low, high) = (sketch.Minimum, sketch.Maximum);

        // A tail a hundred times longer than the middle would leave one bar.
        var (lower, upper) = (sketch.Quantile(0.005), sketch.Quantile(0.995));
        if (upper > lower && high - low > 20 * (upper - lower)) (low, high) = (lower, upper);
        double[] edges;
        if (profile.Type is ColumnType.Integer or ColumnType.Boolean && high - low < Bins)
        {
            edges = [.. Enumerable.Range(0, (int)(high - low) + 2).Select(i => low - 0.5 + i)];
        }
        // The difference of the largest numbers would be infinite.
        else if (high > low)
        {
            edges = [.. Enumerable.Range(0, Bins + 1).Select(i => low * (1 - i / (double)Bins) + high * (i / (double)Bins))];
        }
        else
        {
            edges = [low - 0.5, low + 0.5];
        }
        if (edges.Where((edge, i) => i > 0 && edge <= edges[i - 1]).Any())
        {
            edges = high > low ? [low, high] : low > 0 ? [Math.BitDecrement(low), low] : [low, Math.BitIncrement(low)];
        }
        var ranks = Array.ConvertAll(edges, edge => (long)Math.Round(sketch.Rank(edge) * sketch.Count));
        var below = edges[0] <= sketch.Minimum ? 0 : (long)Math.Round(sketch.Rank(Math.BitDecrement(edges[0])) * sketch.Count);
        var counts = new long[edges.Length - 1];
        for (var i = 0; i < counts.Length; i++) counts[i] = ranks[i + 1] - (i == 0 ? below : ranks[i]);
        return new ColumnHistogram(edges, counts, below, sketch.Count - ranks[^1]);
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
