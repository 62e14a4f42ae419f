using System.Globalization;
using System.Text;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Counts numbers by ranges of which none has more than a quarter of a percent of them, except for single values: the range from the
/// smallest to the largest is divided evenly, and what has too many is divided again, by its logarithm where it is wide. The first
/// statement also sums the powers of the distances from the middle of each range, which give the moments.
/// </summary>
internal static class RangeCounts
{
    private const int FirstRanges = 2_048;
    private const int MostShare = 400;
    private const int MostPasses = 24;

    public static async Task AskAsync(
        TableReading reading, ColumnFacts facts, FactParts parts, CancellationToken cancellationToken)
    {
        var isTime = facts.Column.Type == ColumnType.Timestamp;
        if (parts.HasFlag(FactParts.Ranges) && facts.Finite > 0)
        {
            var unit = isTime ? 1e6 : 1;
            var whole = CountedRange.Of(NumberOf(facts.Lowest!) / unit, facts.Finite) with { Maximum = NumberOf(facts.Highest!) / unit };
            var found = await FirstAsync(reading, facts, whole, cancellationToken).ConfigureAwait(false);
            facts.Moments = Moments.Of(found);
            List<CountedRange> done = [];
            List<CountedRange> open = [whole];
            for (var pass = 1; ; pass++)
            {
                if (open.Sum(range => range.Count) != found.Sum(range => range.Count)) throw reading.Changed();
                open = [];
                var wasOpen = false;
                foreach (var range in found.OrderBy(range => range.Minimum))
                {
                    var isOpen = pass < MostPasses && range.Minimum < range.Maximum && range.Count * MostShare > facts.Finite;

                    // Neighbours are divided together, but not across zero: a statement with few ranges is a fast one.
                    if (!isOpen) done.Add(range);
                    else if (!wasOpen || (open[^1].Minimum <= 0 && range.Maximum >= 0)) open.Add(range);
                    else open[^1] = open[^1] with { Maximum = range.Maximum, Count = open[^1].Count + range.Count };
                    wasOpen = isOpen;
                }

                if (open.Count == 0) break;
                found = await DivideAsync(reading, facts, open, cancellationToken).ConfigureAwait(false);
            }

            done.Sort((one, other) => one.Minimum.CompareTo(other.Minimum));
            facts.Ranges = done;
        }

        if (isTime && parts.HasFlag(FactParts.Times)) await TimeCounts.AskAsync(reading, facts, cancellationToken).ConfigureAwait(false);
    }

    private static double NumberOf(object value) => value is long whole ? whole : (double)value;

    private static TableLayer NumbersOf(WarehouseDialect dialect, ColumnFacts facts)
    {
        var number = facts.Column.Type switch
        {
            ColumnType.Number => facts.Column.Value,
            ColumnType.Timestamp => $"({dialect.ToDouble(facts.Column.Value, "")} / {dialect.Number(1e6)})",
            _ => dialect.ToDouble(facts.Column.Value, ""),
        };
        return new TableLayer(number, "mlops_x", dialect.IsFinite("mlops_x"));
    }

    private static async Task<List<CountedRange>> FirstAsync(
        TableReading reading, ColumnFacts facts, CountedRange whole, CancellationToken cancellationToken)
    {
        var (dialect, division) = (reading.Dialect, EvenRanges.Of(whole, FirstRanges));
        var floor = dialect.Floor("mlops_t");
        TableLayer[] layers =
        [
            NumbersOf(dialect, facts),
            new TableLayer(division.PlaceOf(dialect, "mlops_x"), "mlops_t"),
            new TableLayer([(dialect.ToInteger(floor), "mlops_b"), ($"(mlops_t - {floor} - {dialect.Number(0.5)})", "mlops_u")]),
        ];
        var powers = string.Join(
            ", ", Enumerable.Range(1, 4).Select(power => $"sum({string.Join(" * ", Enumerable.Repeat("mlops_u", power))})"));
        var sql = reading.Statement(layers, $"mlops_b, count(*), min(mlops_x), max(mlops_x), {powers}", "mlops_b");
        var found = await ReadAsync(reading, facts, sql, cancellationToken).ConfigureAwait(false);
        return
        [
            .. found.OrderBy(bin => bin.Key).Select(bin => CountedRange.Of(
                bin.Value.Low, bin.Value.High, bin.Value.Count, whole.Minimum, division.CentreOf(bin.Key), division.Width, bin.Value.Sums)),
        ];
    }

    private static async Task<List<CountedRange>> DivideAsync(
        TableReading reading, ColumnFacts facts, List<CountedRange> open, CancellationToken cancellationToken)
    {
        var dialect = reading.Dialect;
        var each = Math.Max(16, FirstRanges / open.Count);
        var place = new StringBuilder("CASE");
        for (var i = 0; i < open.Count; i++)
        {
            var (low, high) = (dialect.Number(open[i].Minimum), dialect.Number(open[i].Maximum));

            // Rounding may put the ends of a range beside it, but not into the next.
            place.Append(CultureInfo.InvariantCulture, $" WHEN mlops_x >= {low} AND mlops_x <= {high} THEN ")
                .Append(CultureInfo.InvariantCulture, $"{PlaceOf(dialect, open[i], each)} + {dialect.Number(i * (each + 2.0))}");
        }

        TableLayer[] layers =
        [
            NumbersOf(dialect, facts),
            new TableLayer($"{place} END", "mlops_t", "mlops_t IS NOT NULL"),
            new TableLayer(dialect.ToInteger(dialect.Floor("mlops_t")), "mlops_b"),
        ];
        var sql = reading.Statement(layers, "mlops_b, count(*), min(mlops_x), max(mlops_x)", "mlops_b");
        var found = await ReadAsync(reading, facts, sql, cancellationToken).ConfigureAwait(false);
        return [.. found.Values.Select(bin => CountedRange.Of(bin.Low, bin.Count) with { Maximum = bin.High })];
    }

    /// <summary>The number of the part of a range in which a number is, before it is rounded down.</summary>
    private static string PlaceOf(WarehouseDialect dialect, CountedRange range, int parts)
    {
        const double wide = 16;
        if (range.Minimum <= 0 && range.Maximum >= 0)
        {
            // Numbers close to zero have a scale of their own on either side.
            return $"CASE WHEN mlops_x < {dialect.Number(0)} THEN {dialect.Number(0)} WHEN mlops_x = {dialect.Number(0)} " +
                $"THEN {dialect.Number(1)} ELSE {dialect.Number(2)} END";
        }
        var (near, far) = range.Minimum > 0 ? (range.Minimum, range.Maximum) : (range.Maximum, range.Minimum);
        if (far / near < wide) return EvenRanges.Of(range, parts).PlaceOf(dialect, "mlops_x");
        var (start, end) = (Math.Log(Math.Abs(near)), Math.Log(Math.Abs(far)));
        return range.Minimum > 0
            ? $"({dialect.Logarithm("mlops_x")} - {dialect.Number(start)}) * {dialect.Number(parts / (end - start) * (1 - 1e-9))}"
            : $"({dialect.Number(end)} - {dialect.Logarithm("-mlops_x")}) * {dialect.Number(parts / (end - start) * (1 - 1e-9))}";
    }

    private static async Task<Dictionary<long, (double Low, double High, long Count, double[] Sums)>> ReadAsync(
        TableReading reading, ColumnFacts facts, string sql, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, (double Low, double High, long Count, double[] Sums)>();
        await reading.ReadAsync($"ranges of '{facts.Column.Name}'", sql, row =>
        {
            var at = reading.PartitionCount;
            var (bin, count) = (TableReading.Long(row[at]), TableReading.Long(row[at + 1]));
            var (low, high) = (TableReading.Double(row[at + 2]), TableReading.Double(row[at + 3]));
            double[] sums = [.. row.Skip(at + 4).Select(TableReading.Double)];
            if (found.TryGetValue(bin, out var other))
            {
                for (var i = 0; i < sums.Length; i++) sums[i] += other.Sums[i];
                (low, high, count) = (Math.Min(low, other.Low), Math.Max(high, other.High), count + other.Count);
            }

            found[bin] = (low, high, count, sums);
        }, cancellationToken).ConfigureAwait(false);
        return found;
    }
}
