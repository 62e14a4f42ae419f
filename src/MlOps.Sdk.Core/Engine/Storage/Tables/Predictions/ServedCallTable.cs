using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What processes counted of the calls that versions answered, by minute. Thread-safe.</summary>
internal sealed class ServedCallTable(RelationalStore store)
{
    /// <summary>Stores counts; those of the same owner, version and minute are replaced.</summary>
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
                        INSERT INTO served_calls(model, version, owner, minute, counts)
                        VALUES (@Model, @Version, @Owner, @Minute, @Counts)
                        ON CONFLICT (model, version, owner, minute) DO UPDATE SET counts = excluded.counts
                        """,
                        row);
                }

                foreach (var model in rows.Select(row => row.Model).Distinct())
                {
                    connection.Execute(
                        "DELETE FROM served_calls WHERE model = @model AND minute < @before",
                        new { model, before = forget.UtcTicks });
                }

                return 0;
            },
            cancellationToken);

    /// <summary>All counts of a model from a time on, and before another.</summary>
    public Task<IReadOnlyList<ServedCallRow>> ReadAsync(
        string model, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<ServedCallRow>>(
            connection =>
            [
                .. connection.Query<ServedCallRow>(
                    """
                    SELECT model AS Model, version AS Version, owner AS Owner, minute AS Minute, counts AS Counts
                    FROM served_calls INDEXED BY served_calls_by_minute
                    WHERE model = @model AND minute >= @first AND minute < @end
                    """,
                    new { model, first = from.UtcTicks, end = until.UtcTicks }),
            ],
            cancellationToken);
}
