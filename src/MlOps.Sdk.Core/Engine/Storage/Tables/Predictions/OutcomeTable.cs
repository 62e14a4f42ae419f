using System.Runtime.CompilerServices;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What a version predicted, and what came of it, summed in the database. Thread-safe.</summary>
internal sealed class OutcomeTable(RelationalStore store)
{
    private const int Page = 2000;

    private const string Labelled =
        """
        FROM predictions p INDEXED BY predictions_by_model CROSS JOIN labels l ON l.model = p.model AND l.prediction = p.id
        WHERE p.model = @model AND p.no > @after AND p.version = @version
            AND p.generation >= @from AND p.generation < @end
        """;

    /// <summary>The position of the newest prediction of a model; 0 when there is none.</summary>
    public Task<long> NewestAsync(string model, CancellationToken cancellationToken) => store.ReadAsync(
        connection => connection.ExecuteScalar<long>(
            "SELECT coalesce(max(no), 0) FROM predictions INDEXED BY predictions_by_model WHERE model = @model", new { model }),
        cancellationToken);

    /// <summary>How many predictions a version made in a time, and how many of them have a label.</summary>
    public Task<LabelCoverage> CoverAsync(
        string model, int version, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection => connection.QuerySingle<LabelCoverage>(
                """
                SELECT count(*) AS Predictions, count(l.prediction) AS Labelled
                FROM predictions p INDEXED BY predictions_by_time LEFT JOIN labels l ON l.model = p.model AND l.prediction = p.id
                WHERE p.model = @model AND p.at >= @first AND p.at < @end AND p.version = @version
                """,
                new { model, version, first = from.UtcTicks, end = until.UtcTicks }),
            cancellationToken);

    /// <summary>The versions that predicted in a time, ascending.</summary>
    public Task<IReadOnlyList<int>> VersionsAsync(
        string model, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<int>>(
            connection =>
            [
                .. connection.Query<int>(
                    """
                    SELECT DISTINCT version FROM predictions INDEXED BY predictions_by_time
                    WHERE model = @model AND at >= @first AND at < @end ORDER BY version
                    """,
                    new { model, first = from.UtcTicks, end = until.UtcTicks }),
            ],
            cancellationToken);

    /// <summary>Streams the labelled predictions that a version made in a time, from the newest to the oldest, a page at a time.</summary>
    public async IAsyncEnumerable<LabelledPrediction> ReadNewestAsync(
        string model,
        int version,
        DateTimeOffset from,
        DateTimeOffset until,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (end, no) = (until.UtcTicks, 0L);
        while (true)
        {
            var (at, position) = (end, no);
            var page = await store.ReadAsync(
                connection => connection.Query<PredictionRecord>(
                    $"""
                    SELECT p.no AS Position, {PredictionRecord.Columns}, l.label AS Label, l.at AS LabelledAt
                    FROM predictions p INDEXED BY predictions_by_time
                    CROSS JOIN labels l ON l.model = p.model AND l.prediction = p.id
                    WHERE p.model = @model AND p.at >= @first AND p.at <= @at AND (p.at < @at OR p.no < @position)
                      AND p.version = @version
                    ORDER BY p.at DESC, p.no DESC LIMIT @Page
                    """,
                    new { model, version, first = from.UtcTicks, at, position, Page }).AsList(),
                cancellationToken).ConfigureAwait(false);
            foreach (var record in page)
            {
                yield return new LabelledPrediction(
                    record.Position, record.ToPrediction(), record.Label, Ticks.ToTime(record.LabelledAt));
            }

            if (page.Count < Page) yield break;
            (end, no) = (page[^1].At, page[^1].Position);
        }
    }

    /// <summary>How often each class was decided, and its label was each of those that were reported.</summary>
    public Task<IReadOnlyList<LabelledCount>> CountLabelsAsync(
        string model, int version, long after, (long From, long End) generations, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<LabelledCount>>(
            connection =>
            [
                .. connection.Query<LabelledCount>(
                    $"SELECT p.decision AS Decision, l.label AS Label, count(*) AS Rows {Labelled} GROUP BY p.decision, l.label",
                    new { model, version, after, from = generations.From, end = generations.End }),
            ],
            cancellationToken);

    /// <summary>
    /// The absolute errors of a regression: their number, sum, and sum of squares. Those above <paramref name="largest"/> count as it.
    /// </summary>
    public Task<(long Rows, double Sum, double Squares)> SumErrorsAsync(
        string model,
        int version,
        long after,
        (long From, long End) generations,
        double largest,
        CancellationToken cancellationToken) => store.ReadAsync(
        connection => connection.QuerySingle<(long, double, double)>(
            $"""
            SELECT count(*), coalesce(sum(error), 0), coalesce(sum(error * error), 0)
            FROM (
                SELECT CASE WHEN abs(p.score - CAST(l.label AS REAL)) > @largest THEN @largest
                    ELSE abs(p.score - CAST(l.label AS REAL)) END AS error
                {Labelled} AND p.score IS NOT NULL
            ) AS errors
            """,
            new { model, version, after, from = generations.From, end = generations.End, largest }),
        cancellationToken);
}
