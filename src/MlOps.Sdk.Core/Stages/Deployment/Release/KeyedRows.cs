using MlOps.Sdk.Metrics;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Deployment;

/// <summary>Compares models on rows that may have one key: those of one customer tell less than as many independent ones.</summary>
internal static class KeyedRows
{
    /// <summary>A bootstrap over fewer keys is too narrow.</summary>
    public const int FewestKeys = 30;

    /// <summary>
    /// Whether the key of rows was declared. Without one, the key is the content without the label, and equal rows are as independent as
    /// others are.
    /// </summary>
    /// <param name="columns">The columns of the key.</param>
    /// <param name="servedColumns">How many columns there are before the row-wise steps, with the label.</param>
    public static bool AreDeclared(IReadOnlyList<string> columns, int servedColumns) =>
        PortableKey.IsMarked(columns) || columns.Count < servedColumns - 1;

    /// <summary>The rows of each key, in the order in which the keys come.</summary>
    public static IReadOnlyList<(RowKey Key, List<int> Rows)> PlacesOf(IReadOnlyList<RowKey> keys)
    {
        var places = new Dictionary<RowKey, List<int>>(keys.Count);
        var inOrder = new List<(RowKey, List<int>)>();
        for (var row = 0; row < keys.Count; row++)
        {
            if (!places.TryGetValue(keys[row], out var rows))
            {
                places.Add(keys[row], rows = []);
                inOrder.Add((keys[row], rows));
            }
            rows.Add(row);
        }

        return inOrder;
    }

    /// <summary>The rows of each key; <see langword="null"/> where each row has a key of its own.</summary>
    public static IReadOnlyList<int[]>? UnitsOf(IReadOnlyList<RowKey> keys)
    {
        var places = PlacesOf(keys);
        return places.Count == keys.Count ? null : [.. places.Select(place => place.Rows.ToArray())];
    }

    /// <summary>How much better the challenger is: keys are drawn with all of their rows, where rows have keys.</summary>
    public static MetricDifference Compare(
        IMetric metric,
        Evaluation champion,
        Evaluation challenger,
        IReadOnlyList<int[]>? units,
        double level,
        int seed,
        CancellationToken cancellationToken) =>
        units is null
            ? MetricComparison.Compare(metric, champion, challenger, level, seed: seed)
            : MetricComparison.CompareUnits(
                metric, champion, challenger, units, "paired bootstrap of keys", level, seed, cancellationToken);
}
