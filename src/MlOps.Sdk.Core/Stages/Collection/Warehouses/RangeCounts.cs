using System.Globalization;
using System.Text;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Counts numbers by ranges of which none has more than a quarter of a percent of them, except for single values: the range from the
/// smallest to the largest is divided evenly, then what has too many again. Each statement groups by range, with the sums of the powers of
/// the distances from the middle of each, so that moments are as exact as in one pass over the rows.
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
            List<CountedRange> done = [];
            List<CountedRange> open = [CountedRange.Of(0, facts.Finite) with
            {
                Minimum = NumberOf(facts.Lowest!) / unit,
                Maximum = NumberOf(facts.Highest!) / unit,
            }];
            for (var pass = 0; open.Count > 0; pass++)
            {
                var found = await DivideAsync(reading, facts, open, pass == 0, cancellationToken).ConfigureAwait(false);
                if (open.Sum(range => range.Count) != found.Sum(range => range.Count)) throw reading.Changed();
                var isEnough = pass + 1 == MostPasses;
                open = [.. found.Where(range => !isEnough && range.Minimum < range.Maximum && range.Count * MostShare > facts.Finite)];
                done.AddRange(found.Except(open));
            }

            done.Sort((one, other) => one.Minimum.CompareTo(other.Minimum));
            facts.Ranges = done;
        }

        if (isTime && parts.HasFlag(FactParts.Times)) await TimeCounts.AskAsync(reading, facts, cancellationToken).ConfigureAwait(false);
    }

    private static double NumberOf(object value) => value is long whole ? whole : (double)value;

    private static async Task<List<CountedRange>> DivideAsync(
        TableReading reading, ColumnFacts facts, List<CountedRange> open, bool areAll, CancellationToken cancellationToken)
    {
        var dialect = reading.Dialect;
        var each = Math.Max(16, FirstRanges / open.Count);
        Division[] divisions = [.. open.Select((range, i) => Division.Of(range, i * each, each))];
        var number = facts.Column.Type switch
        {
            ColumnType.Number => facts.Column.Value,
            ColumnType.Timestamp => $"({dialect.ToDouble(facts.Column.Value, "")} / {dialect.Number(1e6)})",
            _ => dialect.ToDouble(facts.Column.Value, ""),
        };
        var values = $"SELECT {reading.Partitions}{number} AS mlops_x {reading.From}";
        var places = $"SELECT {reading.Partitions}mlops_x, {PlaceOf(dialect, divisions, areAll)} AS mlops_t FROM ({values}) AS mlops_values " +
            $"WHERE {dialect.IsFinite("mlops_x")}";
        var floor = dialect.Floor("mlops_t");
        var bins = $"SELECT {reading.Partitions}mlops_x, {dialect.ToInteger(floor)} AS mlops_b, mlops_t - {floor} - {dialect.Number(0.5)} " +
            $"AS mlops_u FROM ({places}) AS mlops_places WHERE mlops_t IS NOT NULL";
        var sql = $"SELECT {reading.Partitions}mlops_b, count(*), min(mlops_x), max(mlops_x), sum(mlops_u), sum(mlops_u * mlops_u), " +
            "sum(mlops_u * mlops_u * mlops_u), sum(mlops_u * mlops_u * mlops_u * mlops_u) " +
            $"FROM ({bins}) AS mlops_bins{TableFacts.GroupBy(reading, "mlops_b")}";
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
        return [.. found.Select(pair =>
        {
            var division = divisions[pair.Key / each];
            return CountedRange.Of(
                pair.Value.Low,
                pair.Value.High,
                pair.Value.Count,
                division.Range.Minimum,
                division.CentreOf(pair.Key),
                division.Width,
                pair.Value.Sums);
        })];
    }

    private static string PlaceOf(WarehouseDialect dialect, Division[] divisions, bool areAll)
    {
        if (areAll) return divisions[0].PlaceOf(dialect, "mlops_x");
        var text = new StringBuilder("CASE");
        foreach (var division in divisions)
        {
            text.Append(CultureInfo.InvariantCulture, $" WHEN mlops_x >= {dialect.Number(division.Range.Minimum)}")
                .Append(CultureInfo.InvariantCulture, $" AND mlops_x <= {dialect.Number(division.Range.Maximum)}")
                .Append(CultureInfo.InvariantCulture, $" THEN {division.PlaceOf(dialect, "mlops_x")}");
        }

        return text.Append(" END").ToString();
    }

    /// <summary>A range that is divided into some of equal width, numbered from a first one on.</summary>
    private readonly record struct Division(CountedRange Range, long First, double Factor, double Scale)
    {
        public static Division Of(CountedRange range, long first, int parts)
        {
            // The difference of the largest numbers would be infinite, and the reciprocal of the smallest.
            var width = range.Maximum - range.Minimum;
            var factor = double.IsInfinity(width) ? 0.5 : width < 1e-290 ? Math.ScaleB(1, 500) : 1;
            width = range.Maximum * factor - range.Minimum * factor;

            // A little less, so that the largest value is in the last part.
            return new Division(range, first, factor, parts / width * (1 - 1e-9));
        }

        public double Width => 1 / Scale / Factor;

        /// <summary>The middle of a part, less the smallest number.</summary>
        public double CentreOf(long part) => (part - First + 0.5) / Scale / Factor;

        public string PlaceOf(WarehouseDialect dialect, string x)
        {
            var scaled = Factor == 1 ? x : $"{x} * {dialect.Number(Factor)}";
            var place = $"({scaled} - {dialect.Number(Range.Minimum * Factor)}) * {dialect.Number(Scale)}";
            return First == 0 ? place : $"{place} + {dialect.Number(First)}";
        }
    }
}
