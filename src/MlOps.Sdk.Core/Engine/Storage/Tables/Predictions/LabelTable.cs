using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>True answers to predictions. Thread-safe.</summary>
internal sealed class LabelTable(RelationalStore store)
{
    private const int Page = 2000;

    /// <summary>
    /// Records labels. A different label for the same prediction replaces the former, is counted, and moves to the end of the order.
    /// </summary>
    /// <param name="labels">The labels.</param>
    /// <param name="isSame">
    /// Whether a stored label, which may be spelled otherwise, says the same as one that is reported. Default: where they are equal.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<LabelReceipt> InsertAsync(
        IReadOnlyList<LabelRow> labels, Func<string, string, bool>? isSame = null, CancellationToken cancellationToken = default) =>
        store.WriteAsync(connection =>
        {
            int added = 0, changed = 0, unchanged = 0;
            var unmatched = new List<string>();
            foreach (var label in labels)
            {
                var isRecorded = IsRecorded(connection, label);
                if (!isRecorded) unmatched.Add(label.PredictionId);
                var known = connection.QuerySingleOrDefault<KnownLabel>(
                    "SELECT label AS Label, changes AS Changes FROM labels WHERE model = @Model AND prediction = @PredictionId", label);
                if (known is not null && (known.Label == label.Label || isSame?.Invoke(known.Label, label.Label) == true))
                {
                    if (isRecorded) unchanged++;
                }
                else
                {
                    connection.Execute(
                        "INSERT OR REPLACE INTO labels(model, prediction, label, at, changes) VALUES (@Model, " +
                            "@PredictionId, @Label, @at, @changes)",
                        new
                        {
                            label.Model,
                            label.PredictionId,
                            label.Label,
                            at = label.At.UtcTicks,
                            changes = known is null ? 0 : known.Changes + 1
                        });
                    if (isRecorded && known is null) added++;
                    else if (isRecorded) changed++;
                }
            }

            // What a wrong label stopped is tried again with the right one.
            string[] revived = changed == 0 ? [] : [.. labels.Select(label => label.Model).Distinct()
                .Select(model => RetrainingTable.Revive(connection, model)).OfType<string>()];
            return new LabelReceipt(added, changed, unchanged, unmatched, revived.FirstOrDefault());
        }, cancellationToken);

    /// <summary>Streams the labelled predictions of a model in the order in which their labels came, a page at a time.</summary>
    /// <param name="model">The model.</param>
    /// <param name="after">Only after this <see cref="LabelledPrediction.Position"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<LabelledPrediction> ReadLabelledAsync(
        string model, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var position = after;
            // CROSS JOIN keeps the labels outermost: their key is the order.
            var page = await store.ReadAsync(
                connection => connection.Query<PredictionRecord>(
                    $"""
                    SELECT l.no AS Position, {PredictionRecord.Columns}, l.label AS Label, l.at AS LabelledAt
                    FROM labels l INDEXED BY labels_by_model CROSS JOIN predictions p ON p.model = l.model AND p.id = l.prediction
                    WHERE l.model = @model AND l.no > @position ORDER BY l.no LIMIT @Page
                    """,
                    new { model, position, Page }).AsList(), cancellationToken).ConfigureAwait(false);
            foreach (var record in page)
            {
                yield return new LabelledPrediction(
                    after = record.Position, record.ToPrediction(), record.Label, Ticks.ToTime(record.LabelledAt));
            }

            if (page.Count < Page) yield break;
        }
    }

    public Task<LabelCounts> CountAsync(string model, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection =>
        {
            var matched = connection.QuerySingle<(long Labelled, long Changed)>(
                "SELECT count(*), coalesce(sum(l.changes), 0) FROM labels l JOIN predictions p ON p.model = l.model AND p.id = " +
                    "l.prediction WHERE l.model = @model", new { model });
            var unmatched = connection.ExecuteScalar<long>(
                "SELECT count(*) FROM labels l WHERE l.model = @model AND NOT EXISTS (SELECT 1 FROM predictions p WHERE p.model = " +
                    "l.model AND p.id = l.prediction)", new { model });
            return new LabelCounts(matched.Labelled, matched.Changed, unmatched);
        }, cancellationToken);

    private static bool IsRecorded(DbConnection connection, LabelRow label) =>
        connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM predictions WHERE model = @Model AND id = @PredictionId)", label) == 1;

    private sealed class KnownLabel
    {
        public string Label { get; init; } = "";

        public long Changes { get; init; }
    }
}
