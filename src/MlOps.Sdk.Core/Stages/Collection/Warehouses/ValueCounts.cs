using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>Counts each value of a column of numbers, flags or times that has few: everything that follows is exact.</summary>
internal static class ValueCounts
{
    public static async Task AskAsync(
        TableReading reading, ColumnFacts facts, FactParts parts, CancellationToken cancellationToken)
    {
        var type = facts.Column.Type;
        var counts = new SortedDictionary<double, long>();
        var infinite = new HashSet<double>();
        var whole = type == ColumnType.Number ? null : new SortedDictionary<long, long>();
        var values = new TableLayer(facts.Column.Value, "mlops_v", "mlops_v IS NOT NULL");
        var sql = reading.Statement([values], "mlops_v, count(*)", "mlops_v");
        await reading.ReadAsync($"values of '{facts.Column.Name}'", sql, row =>
        {
            var (value, count) = (row[reading.PartitionCount], TableReading.Long(row[reading.PartitionCount + 1]));
            if (whole is not null)
            {
                var key = TableReading.Long(value);
                whole[key] = whole.GetValueOrDefault(key) + count;
                return;
            }

            // −0 is 0.
            var number = TableReading.Double(value) + 0.0;
            if (double.IsFinite(number)) counts[number] = counts.GetValueOrDefault(number) + count;
            else if (double.IsInfinity(number)) infinite.Add(number);
        }, cancellationToken).ConfigureAwait(false);
        foreach (var (value, count) in whole ?? [])
        {
            // Whole numbers beyond 2⁵³ may be the same double.
            var number = type == ColumnType.Timestamp ? value / 1e6 : value;
            counts[number] = counts.GetValueOrDefault(number) + count;
        }

        if (counts.Values.Sum() != facts.Finite) throw reading.Changed();
        (facts.Distinct, facts.IsDistinctExact) = (whole?.Count ?? counts.Count + infinite.Count, true);
        facts.Ranges = [.. counts.Select(pair => CountedRange.Of(pair.Key, pair.Value))];
        facts.Moments = Moments.Of(facts.Ranges);
        if (type != ColumnType.Timestamp || !parts.HasFlag(FactParts.Times)) return;
        var times = new TimeCoverage();
        foreach (var (value, _) in whole!) times.Add(TimeCounts.Of(value));
        facts.Times = TimeCoverage.Of(facts.Finite, times);
    }
}
