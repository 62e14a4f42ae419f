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
                    connection.Execute(
                        "DELETE FROM served_calls WHERE model = @model AND start < @before",
                        new { model, before = forget.UtcTicks });
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

    /// <summary>All counts of a model from a time on, and before another.</summary>
    public Task<IReadOnlyList<ServedCallRow>> ReadAsync(
        string model, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<ServedCallRow>>(
            connection =>
            [
                .. connection.Query<ServedCallRow>(
                    """
                    SELECT model AS Model, version AS Version, owner AS Owner, start AS Start, counts AS Counts,
                        generation AS Generation
                    FROM served_calls INDEXED BY served_calls_by_start
                    WHERE model = @model AND start >= @first AND start < @end
                    """,
                    new { model, first = from.UtcTicks, end = until.UtcTicks }),
            ],
            cancellationToken);
}
