using System.Runtime.CompilerServices;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Recorded predictions. Thread-safe.</summary>
internal sealed class PredictionTable(RelationalStore store)
{
    private const int Page = 2000;
    private const int IdsAtOnce = 500;

    /// <summary>
    /// Records predictions, and notes which are new; an id that its model has already is left as it is. One that is stored again, because
    /// it is unknown whether it was, stays new.
    /// </summary>
    /// <returns>How many were new.</returns>
    public Task<int> InsertAsync(IReadOnlyList<PredictionRow> predictions, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection =>
        {
            using var insert = new PreparedStatement(connection, """
                INSERT OR IGNORE INTO predictions(id, model, version, at, row, score, scores, decision, generation, pane)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """);
            var added = 0;
            foreach (var prediction in predictions)
            {
                insert.Bind(1, prediction.Id).Bind(2, prediction.Model).Bind(3, prediction.Version).Bind(4, prediction.At.UtcTicks)
                    .Bind(5, prediction.Row.Span).Bind(6, prediction.Score).Bind(7, prediction.Scores.Span);
                if (prediction.Decision is { } decision) insert.Bind(8, decision);
                else insert.BindNull(8);
                insert.Bind(9, prediction.Generation);
                if (prediction.Mark is { } mark) insert.Bind(10, mark);
                else insert.BindNull(10);
                var count = insert.RunAndCount();
                prediction.IsNew |= count > 0;
                added += count;
            }

            return added;
        }, cancellationToken);

    /// <summary>Which of some ids a model has already.</summary>
    public async Task<IReadOnlySet<string>> FindKnownAsync(
        string model, IEnumerable<string> ids, CancellationToken cancellationToken = default)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in ids.Chunk(IdsAtOnce))
        {
            known.UnionWith(await store.ReadAsync(
                connection => connection.Query<string>(
                    "SELECT id FROM predictions WHERE model = @model AND id IN @some", new { model, some }).AsList(),
                cancellationToken).ConfigureAwait(false));
        }

        return known;
    }

    public async Task<StoredPrediction?> FindAsync(string model, string id, CancellationToken cancellationToken = default)
    {
        var record = await store.ReadAsync(
            connection => connection.QuerySingleOrDefault<PredictionRecord>(
                $"SELECT p.no AS Position, {PredictionRecord.Columns} FROM predictions p WHERE p.model = @model AND p.id = @id", new
                {
                    model,
                    id
                }),
            cancellationToken).ConfigureAwait(false);
        return record is null ? null : new StoredPrediction(record.Position, record.ToPrediction());
    }

    /// <summary>
    /// Streams the predictions of a model in the order of recording, a page at a time, so that no read holds the database.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="version">Only this version.</param>
    /// <param name="after">Only after this <see cref="StoredPrediction.Position"/>.</param>
    /// <param name="from">Only predictions made at this time or later.</param>
    /// <param name="until">Only predictions made before this time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<StoredPrediction> ReadPredictionsAsync(
        string model,
        int? version = null,
        long after = 0,
        DateTimeOffset? from = null,
        DateTimeOffset? until = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var position = after;
            var page = await store.ReadAsync(
                connection => connection.Query<PredictionRecord>(
                    $"""
                    SELECT p.no AS Position, {PredictionRecord.Columns} FROM predictions p INDEXED BY predictions_by_model
                    WHERE p.model = @model AND p.no > @position
                      {(version is null ? "" : "AND p.version = @version")}
                      {(from is null ? "" : "AND p.at >= @first")} {(until is null ? "" : "AND p.at < @end")}
                    ORDER BY p.no LIMIT @Page
                    """,
                    new { model, version, position, first = from?.UtcTicks, end = until?.UtcTicks, Page }).AsList(),
                cancellationToken).ConfigureAwait(false);
            foreach (var record in page) yield return new StoredPrediction(after = record.Position, record.ToPrediction());
            if (page.Count < Page) yield break;
        }
    }

    /// <summary>The latest predictions of a version, from the oldest to the newest.</summary>
    public Task<IReadOnlyList<PredictionRow>> ReadLatestAsync(
        string model, int version, int count, CancellationToken cancellationToken = default) =>
        store.ReadAsync<IReadOnlyList<PredictionRow>>(
            connection => [.. connection.Query<PredictionRecord>(
                $"""
                SELECT p.no AS Position, {PredictionRecord.Columns} FROM predictions p INDEXED BY predictions_by_model
                WHERE p.model = @model AND p.version = @version
                ORDER BY p.no DESC LIMIT @count
                """,
                new { model, version, count }).Reverse().Select(record => record.ToPrediction())], cancellationToken);

    /// <summary>How many predictions are recorded, counted up to a bound.</summary>
    public Task<long> CountAsync(
        string model, int? version = null, long atMost = long.MaxValue, CancellationToken cancellationToken = default) =>
        store.ReadAsync(
            connection => connection.ExecuteScalar<long>(
                "SELECT count(*) FROM (SELECT 1 FROM predictions INDEXED BY predictions_by_model WHERE model = @model " +
                    $"{(version is null ? "" : "AND version = @version")} LIMIT @atMost)", new { model, version, atMost }),
            cancellationToken);
}
