using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What a version predicted, and what came of it, summed in the database. Thread-safe.</summary>
internal sealed class OutcomeTable(RelationalStore store)
{
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

    /// <summary>The absolute errors of a regression: their number, sum, and sum of squares.</summary>
    public Task<(long Rows, double Sum, double Squares)> SumErrorsAsync(
        string model, int version, long after, (long From, long End) generations, CancellationToken cancellationToken) => store.ReadAsync(
        connection => connection.QuerySingle<(long, double, double)>(
            $"""
            SELECT count(*), coalesce(sum(abs(p.score - CAST(l.label AS REAL))), 0),
                coalesce(sum((p.score - CAST(l.label AS REAL)) * (p.score - CAST(l.label AS REAL))), 0)
            {Labelled} AND p.score IS NOT NULL
            """,
            new { model, version, after, from = generations.From, end = generations.End }),
        cancellationToken);
}
