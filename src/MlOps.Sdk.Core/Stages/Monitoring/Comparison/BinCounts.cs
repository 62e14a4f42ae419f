using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>Counts columns of a warehouse in bins, the missing values last.</summary>
internal static class BinCounts
{
    private const int ColumnsOfStatement = 40;

    public static async Task<long[][]> AskAsync(
        TableReading reading, IReadOnlyList<(ColumnFacts Facts, ReferenceBins Bins)> columns, CancellationToken cancellationToken)
    {
        var counts = new long[columns.Count][];
        List<int> asked = [];
        for (var i = 0; i < counts.Length; i++)
        {
            var (facts, bins) = columns[i];
            if (bins.HasLevels) counts[i] = await OfLevelsAsync(reading, facts, bins, cancellationToken).ConfigureAwait(false);
            else if (facts.Ranges.All(range => range.Minimum == range.Maximum)) counts[i] = OfValues(facts, bins);
            else asked.Add(i);
        }

        foreach (var some in asked.Chunk(ColumnsOfStatement))
        {
            await OfRangesAsync(reading, columns, some, counts, cancellationToken).ConfigureAwait(false);
        }
        return counts;
    }

    private static long[] OfValues(ColumnFacts facts, ReferenceBins bins)
    {
        var counts = new long[bins.BinCount];
        foreach (var value in facts.Ranges) counts[BinEdges.Find(value.Minimum, bins.Edges)] += value.Count;
        counts[0] += facts.BelowAll;
        counts[^2] += facts.Infinite - facts.BelowAll;
        counts[^1] = facts.Missing;
        return counts;
    }

    private static async Task OfRangesAsync(
        TableReading reading,
        IReadOnlyList<(ColumnFacts Facts, ReferenceBins Bins)> columns,
        int[] asked,
        long[][] counts,
        CancellationToken cancellationToken)
    {
        var dialect = reading.Dialect;
        List<(string, string)> inner = [];
        List<string> outer = [];
        foreach (var i in asked)
        {
            var (facts, bins) = columns[i];
            var x = string.Create(CultureInfo.InvariantCulture, $"mlops_x{i}");
            inner.Add((NumberOf(dialect, facts.Column), x));
            foreach (var edge in bins.Edges) outer.Add($"sum(CASE WHEN {x} <= {Edge(dialect, edge)} THEN 1 ELSE 0 END)");
            counts[i] = new long[bins.BinCount];
        }

        outer.Add("count(*)");
        long rows = 0;
        var sql = reading.Statement([new TableLayer(inner)], string.Join(", ", outer));
        await reading.ReadAsync("counts in the bins of the reference", sql, row =>
        {
            var at = reading.PartitionCount;
            foreach (var i in asked)
            {
                for (var edge = 0; edge < columns[i].Bins.Edges.Length; edge++) counts[i][edge] += TableReading.Long(row[at++]);
            }
            rows += TableReading.Long(row[at]);
        }, cancellationToken).ConfigureAwait(false);
        reading.RequireRows(rows);
        foreach (var i in asked)
        {
            // What is at most an edge is so for the next one, too.
            var (facts, ofBins) = (columns[i].Facts, counts[i]);
            ofBins[^2] = facts.Filled - facts.NotNumbers;
            ofBins[^1] = facts.Missing;
            for (var bin = ofBins.Length - 2; bin > 0; bin--) ofBins[bin] -= ofBins[bin - 1];
        }
    }

    private static string NumberOf(WarehouseDialect dialect, TableColumn column) => column.Type switch
    {
        ColumnType.Number => column.Value,
        ColumnType.Timestamp => $"({dialect.ToDouble(column.Value, "")} / {dialect.Number(1e6)})",
        _ => dialect.ToDouble(column.Value, ""),
    };

    // An infinite edge is next to the largest numbers.
    private static string Edge(WarehouseDialect dialect, double edge) =>
        dialect.Number(Math.Clamp(edge, -double.MaxValue, double.MaxValue));

    private static async Task<long[]> OfLevelsAsync(
        TableReading reading, ColumnFacts facts, ReferenceBins bins, CancellationToken cancellationToken)
    {
        var counts = new long[bins.BinCount];
        counts[^1] = facts.Missing;
        if (bins.Type == ColumnType.Boolean)
        {
            foreach (var flag in facts.Ranges) counts[flag.Minimum == 0 ? 0 : 1] = flag.Count;
            return counts;
        }

        IReadOnlyCollection<KeyValuePair<string, long>> texts = facts.Texts!.Levels;
        if (facts.Texts.Below is not null && bins.Levels.Count > 0)
        {
            texts = await TextCounts.CountAsync(
                reading,
                facts.Column,
                $"mlops_v IN ({string.Join(", ", Enumerable.Range(0, bins.Levels.Count).Select(reading.Parameter))})",
                bins.Levels,
                cancellationToken).ConfigureAwait(false);
        }

        var known = texts.ToDictionary(StringComparer.Ordinal);
        for (var level = 0; level < bins.Levels.Count; level++) counts[level] = known.GetValueOrDefault(bins.Levels[level]);
        counts[^2] = facts.Finite - counts.AsSpan(0, bins.Levels.Count).ToArray().Sum();
        return counts;
    }
}
