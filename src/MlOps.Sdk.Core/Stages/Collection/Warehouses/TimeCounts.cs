using System.Globalization;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>Asks which times a column covers: its buckets, and the grid on which all times lie.</summary>
internal static class TimeCounts
{
    private const int MostStrays = 1_000;
    private static readonly long Epoch = DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>A point in time of microseconds since 1970.</summary>
    /// <exception cref="MlOpsException">No date of the calendar.</exception>
    public static DateTime Of(long microseconds) =>
        microseconds >= -Epoch && microseconds <= DateTime.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond - Epoch
            ? DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
            : throw new MlOpsException(
                string.Create(CultureInfo.InvariantCulture, $"A time lies {microseconds} µs from 1970, outside of the years 1 to 9999."),
                "Replace such times by null with Warehouse.Query(…).");

    public static async Task AskAsync(TableReading reading, ColumnFacts facts, CancellationToken cancellationToken)
    {
        var (first, last) = (Of((long)facts.Lowest!), Of((long)facts.Highest!));
        var exponent = TimeCoverage.ExponentOf(first, last);
        var width = (1L << exponent) * 1_000_000;
        var (start, grid, counted) = ((long)facts.Lowest, 0L, 0L);
        var buckets = new HashSet<long>();
        var values = new TableLayer(facts.Column.Value, "mlops_v", "mlops_v IS NOT NULL");
        var sinceStart = Invariant($"(mlops_v + {Epoch})");
        var sql = reading.Statement(
            [values, new TableLayer(Invariant($"({sinceStart} - {sinceStart} % {width})"), "mlops_b")],
            "mlops_b, count(*), min(mlops_v), max(mlops_v)",
            "mlops_b");
        await reading.ReadAsync($"times of '{facts.Column.Name}'", sql, row =>
        {
            var at = reading.PartitionCount;
            buckets.Add(TableReading.Long(row[at]) / width);
            counted += TableReading.Long(row[at + 1]);
            Narrow(TableReading.Long(row[at + 2]));
            Narrow(TableReading.Long(row[at + 3]));
        }, cancellationToken).ConfigureAwait(false);
        if (counted != facts.Finite) throw reading.Changed();

        // Times between the ends of a bucket may lie on a finer grid; each answer at least halves it.
        for (var strays = 1; grid > 1 && strays > 0;)
        {
            strays = 0;
            await reading.ReadAsync(
                $"grid of '{facts.Column.Name}'",
                reading.Statement(
                    [values with { Where = Invariant($"(mlops_v - ({start})) % {grid} <> 0") }], "mlops_v", isGrouped: false) +
                    Invariant($" LIMIT {MostStrays}"),
                row =>
                {
                    strays++;
                    Narrow(TableReading.Long(row[^1]));
                },
                cancellationToken).ConfigureAwait(false);
        }

        facts.Times = TimeCoverage.Of(facts.Finite, first, last, grid * TimeSpan.TicksPerMicrosecond, buckets);

        void Narrow(long time) => grid = TimeCoverage.CommonDivisorOf(grid, Math.Abs(time - start));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
