using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What shadows answered, of each model the newest, and how many calls they were not given. Thread-safe.</summary>
/// <param name="store">The store.</param>
/// <param name="kept">How many answers of a model are kept.</param>
internal sealed class ShadowTable(RelationalStore store, int kept = ShadowTable.DefaultKept)
{
    public const int DefaultKept = 100_000;

    private const string Columns =
        "id AS Id, at AS At, arm AS Arm, live_version AS LiveVersion, shadow_version AS ShadowVersion, live_score AS LiveScore, " +
        "shadow_score AS ShadowScore, live_label AS LiveLabel, shadow_label AS ShadowLabel, latency AS Latency, error AS Error";

    /// <summary>Adds answers, removes the oldest of those that are too many, and counts what was dropped.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The answers.</param>
    /// <param name="dropped">The calls that versions were not given since the last time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task InsertAsync(
        string model,
        IReadOnlyList<ShadowRow> rows,
        IReadOnlyList<(int Version, long Count)> dropped,
        CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            using var insert = new PreparedStatement(connection, """
                INSERT INTO shadow_answers(model, id, at, arm, live_version, shadow_version, live_score, shadow_score, live_label,
                    shadow_label, latency, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """);
            insert.Bind(1, model);
            foreach (var row in rows)
            {
                insert.Bind(2, row.Id).Bind(3, row.At).Bind(4, row.Arm).Bind(5, row.LiveVersion).Bind(6, row.ShadowVersion)
                    .Bind(7, row.LiveScore).Bind(8, row.ShadowScore ?? double.NaN).Bind(11, row.Latency);
                Bind(insert, 9, row.LiveLabel);
                Bind(insert, 10, row.ShadowLabel);
                Bind(insert, 12, row.Error);
                insert.Run();
            }

            connection.Execute(
                """
                DELETE FROM shadow_answers WHERE model = @model AND no <= (
                    SELECT no FROM shadow_answers WHERE model = @model ORDER BY no DESC LIMIT 1 OFFSET @kept)
                """,
                new { model, kept });
            foreach (var (version, count) in dropped)
            {
                connection.Execute(
                    """
                    INSERT INTO shadow_drops(model, shadow_version, dropped) VALUES (@model, @version, @count)
                    ON CONFLICT (model, shadow_version) DO UPDATE SET dropped = dropped + excluded.dropped
                    """,
                    new { model, version, count });
            }

            return rows.Count;
        }, cancellationToken);

    /// <summary>The newest answers, newest first.</summary>
    public Task<IReadOnlyList<ShadowRow>> ReadAsync(string model, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<ShadowRow>>(
            connection =>
            [
                .. connection.Query<ShadowRow>(
                    $"SELECT {Columns} FROM shadow_answers WHERE model = @model ORDER BY no DESC LIMIT @limit", new { model, limit }),
            ],
            cancellationToken);

    /// <summary>The calls that each version was not given.</summary>
    public Task<IReadOnlyDictionary<int, long>> DroppedAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyDictionary<int, long>>(
            connection => connection.Query<(long Version, long Count)>(
                "SELECT shadow_version, dropped FROM shadow_drops WHERE model = @model", new { model })
                .ToDictionary(row => (int)row.Version, row => row.Count),
            cancellationToken);

    private static void Bind(PreparedStatement statement, int index, string? value)
    {
        if (value is null) statement.BindNull(index);
        else statement.Bind(index, value);
    }
}
