using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What processes counted of the calls that versions answered, by time. Thread-safe.</summary>
internal sealed class ServedCallTable(RelationalStore store)
{
    /// <summary>Stores counts; those of the same owner, version and time are replaced.</summary>
    /// <param name="rows">The counts.</param>
    /// <param name="forget">Counts of the models before this time are deleted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task StoreAsync(IReadOnlyList<ServedCallRow> rows, DateTimeOffset forget, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                foreach (var row in rows)
                {
                    connection.Execute(
                        """
                        INSERT INTO served_calls(model, version, owner, start, counts, generation)
                        VALUES (@Model, @Version, @Owner, @Start, @Counts, @Generation)
                        ON CONFLICT (model, version, owner, start) DO UPDATE SET counts = excluded.counts
                        """,
                        row);
                }

                foreach (var model in rows.Select(row => row.Model).Distinct())
                {
                    var before = new { model, before = forget.UtcTicks };
                    connection.Execute("DELETE FROM served_calls WHERE model = @model AND start < @before", before);
                    connection.Execute("DELETE FROM call_marks WHERE model = @model AND at < @before", before);
                }

                return 0;
            },
            cancellationToken);

    /// <summary>Since when the calls of a model are counted; <see langword="null"/> when none was.</summary>
    public Task<long?> FirstAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection => connection.ExecuteScalar<long?>(
                "SELECT min(start) FROM served_calls INDEXED BY served_calls_by_start WHERE model = @model", new { model }),
            cancellationToken);

    /// <summary>Keeps what is counted in the minute of a time by now, by version, unless it was kept before.</summary>
    /// <param name="model">The model.</param>
    /// <param name="at">The time.</param>
    /// <param name="minute">The beginning of its minute.</param>
    /// <param name="sum">The sums of counts by version.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task MarkAsync(
        string model,
        DateTimeOffset at,
        DateTimeOffset minute,
        Func<IReadOnlyList<ServedCallRow>, IEnumerable<CallMark>> sum,
        CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            var isKept = connection.ExecuteScalar<long>(
                "SELECT EXISTS (SELECT 1 FROM call_marks WHERE model = @model AND at = @at)", new { model, at = at.UtcTicks }) == 1;
            if (isKept) return 0;
            foreach (var mark in sum(Read(connection, model, minute.UtcTicks, at.UtcTicks + 1)))
            {
                connection.Execute(
                    "INSERT INTO call_marks(model, at, version, counts) VALUES (@model, @at, @Version, @Counts)",
                    new { model, at = at.UtcTicks, mark.Version, mark.Counts });
            }

            return 0;
        },
        cancellationToken);

    /// <summary>All counts of a model from a time on, and before another.</summary>
    public Task<IReadOnlyList<ServedCallRow>> ReadAsync(
        string model, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => Read(connection, model, from.UtcTicks, until.UtcTicks), cancellationToken);

    /// <summary>What was counted in the minute of a time until then, by version; empty where it was not kept.</summary>
    public Task<IReadOnlyList<CallMark>> MarksAsync(string model, DateTimeOffset at, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<CallMark>>(
            connection =>
            [
                .. connection.Query<CallMark>(
                    "SELECT version AS Version, counts AS Counts FROM call_marks WHERE model = @model AND at = @at",
                    new { model, at = at.UtcTicks }),
            ],
            cancellationToken);

    private static IReadOnlyList<ServedCallRow> Read(DbConnection connection, string model, long first, long end) =>
    [
        .. connection.Query<ServedCallRow>(
            """
            SELECT model AS Model, version AS Version, owner AS Owner, start AS Start, counts AS Counts, generation AS Generation
            FROM served_calls INDEXED BY served_calls_by_start
            WHERE model = @model AND start >= @first AND start < @end
            """,
            new { model, first, end }),
    ];
}
