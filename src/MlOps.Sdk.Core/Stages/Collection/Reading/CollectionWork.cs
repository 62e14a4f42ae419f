using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Collection;

/// <summary>Reads the opened sources once, and keeps their rows.</summary>
internal sealed class CollectionWork(CollectionPlan plan, CollectionReader reader, EarlierCollection? earlier)
{
    public async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var notes = reader.Notes;
        foreach (var note in notes) CollectionLog.Noted(context.Logger, note);
        long rows = 0, earlierRows = 0;
        var malformed = new MalformedSpool();
        await using (malformed.ConfigureAwait(false))
        {
            await context.SaveAsync(CollectionStage.Rows, async (stream, token) =>
            {
                var writer = new ArrowWriter(stream);
                await writer.BeginAsync(reader.Schema, token).ConfigureAwait(false);
                if (plan.KeepsEarlierRows && earlier is not null)
                {
                    earlierRows = await CopyAsync(earlier, reader.Personal, context, writer, token).ConfigureAwait(false);
                }
                await foreach (var batch in reader.ReadAsync(malformed, token).ConfigureAwait(false))
                {
                    await writer.WriteAsync(batch, token).ConfigureAwait(false);
                    rows += batch.RowCount;
                    context.Report("read", 0.5, FormattableString.Invariant($"{rows:N0} rows"));
                }

                CheckTolerance(malformed, reader.RowsRead);
                if (rows + earlierRows == 0) throw NothingRead(reader.RowsRead + malformed.Lost);
                await writer.CompleteAsync(token).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
            if (malformed.Count > 0)
            {
                await context.SaveAsync(CollectionStage.Malformed, malformed.CopyToAsync, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var note in reader.Notes.Except(notes)) CollectionLog.Noted(context.Logger, note);
        var summary = new CollectionSummary
        {
            Sources = reader.Summaries,
            Version = reader.Version?.Value,
            Rows = rows + earlierRows,
            EarlierRows = earlierRows,
            EarlierRun = earlier?.RunId,
            Malformed = malformed.Count,
            MalformedExamples = malformed.Examples,
            Columns = [.. reader.Schema],
            Notes = reader.Notes,
            Personal = reader.Personal,
            Code = CodeIdentity.Of(reader.SourceTypes),
        };
        await context.SaveAsync(
            CollectionStage.Summary, summary, CollectionJson.Default.CollectionSummary, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<long> CopyAsync(
        EarlierCollection earlier,
        IReadOnlyList<string> personal,
        StageContext context,
        ArrowWriter to,
        CancellationToken cancellationToken)
    {
        if (!earlier.Summary.Personal.SequenceEqual(personal))
        {
            throw new MlOpsException(
                $"Personal columns are treated differently than in run {earlier.RunId}, so its rows cannot be combined with the new ones.",
                "Run once without OnlyNew and KeepEarlierRows, so that all rows are treated the same way; keep the key.");
        }
        var stream = await context.Artifacts.OpenAsync(earlier.Rows, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var snapshot = await ArrowReader.OpenAsync(stream, $"the rows of run {earlier.RunId}", cancellationToken).ConfigureAwait(false);
            if (!snapshot.Schema.Equals(to.Schema)) throw Differs(snapshot.Schema, to.Schema!, earlier.RunId);
            await foreach (var batch in snapshot.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                await to.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }
            return to.RowCount;
        }
    }

    private static MlOpsException Differs(Schema before, Schema now, string run)
    {
        var changed = now.FirstOrDefault(field => !before.Contains(field.Name) || before[field.Name] != field)
            ?? before.FirstOrDefault(field => !now.Contains(field.Name));
        var how = changed is null ? "their columns are in a different order"
            : !now.Contains(changed.Name) ? $"the column '{changed.Name}' is gone"
            : before.Contains(changed.Name) ? $"the column '{changed.Name}' was {before[changed.Name].Type} and is {changed.Type}"
            : $"the column '{changed.Name}' is new";
        return new MlOpsException(
            $"The new rows do not have the columns of those of run {run}, so they cannot be combined: {how}.",
            "State the types, for example with CsvOptions.Schema or JsonLinesOptions.Schema: a new value that does not fit is then a " +
                "malformed row, which is reported with its line or quarantined. " +
                "Or run once without OnlyNew and KeepEarlierRows.") { Column = changed?.Name };
    }

    private void CheckTolerance(MalformedSpool malformed, long rowsRead)
    {
        var all = rowsRead + malformed.Lost;
        if (malformed.Count == 0 || malformed.Count <= plan.Tolerance * all) return;
        var first = malformed.Examples[0];
        throw new MlOpsException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{malformed.Count:N0} of {all:N0} rows could not be read ({(double)malformed.Count / all:P2}), where " +
                    $"{plan.Tolerance:P2} may be. The first: {first.Reason}"),
            "Fix the source or its schema, " +
                "or allow more with Malformed(…, tolerance: …).") { DataSource = first.Source, Line = first.Line, Column = first.Column };
    }

    private MlOpsException NothingRead(long found)
    {
        var names = string.Join(", ", reader.Names);
        if (found > 0)
        {
            return new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Of {found:N0} rows{(earlier is null ? "" : $" that are new since run {earlier.RunId}")} none was left."),
                "Use a larger sample, or fix the rows that cannot be read.") { DataSource = names };
        }
        return earlier is null
            ? new MlOpsException("The sources have no rows.", "Give at least one row.") { DataSource = names }
            : new NothingNewException(
                $"Nothing is new since run {earlier.RunId}.",
                "Run again when there are new rows, or keep those of that run with KeepEarlierRows().") { DataSource = names };
    }
}
