using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Collection;

/// <summary>Stage 2: reads the sources once and keeps the rows as they are, so that every later stage, run and audit sees the same ones.</summary>
internal sealed class CollectionStage(CollectionPlan plan) : IStage, IAsyncDisposable
{
    public const string Rows = "rows";
    public const string Summary = "summary";

    private CollectionReader? _reader;

    public LifecycleStage Kind => LifecycleStage.Collection;

    public IReadOnlyList<StageInput> Inputs => [];

    public async ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken ct)
    {
        _reader = await CollectionReader.OpenAsync(plan, ReadRequest.All, context.Run.Services, context.Run.Time, ct).ConfigureAwait(false);
        fingerprint.Add("columns", _reader.Schema.ToString());
        if (_reader.Version is { } version) fingerprint.Add("content of the sources", version.Value);
        else fingerprint.SetOpaque($"{string.Join(", ", _reader.Names)} cannot tell whether its content is the same");
    }

    public async ValueTask ExecuteAsync(StageContext context, CancellationToken ct)
    {
        var reader = _reader!;
        foreach (var note in reader.Notes) CollectionLog.Noted(context.Logger, note);
        long rows = 0;
        await context.SaveAsync(Rows, async (stream, token) =>
        {
            var writer = new SnapshotWriter(stream);
            await writer.BeginAsync(reader.Schema, token).ConfigureAwait(false);
            await foreach (var batch in reader.ReadAsync(token).ConfigureAwait(false))
            {
                await writer.WriteAsync(batch, token).ConfigureAwait(false);
                rows += batch.RowCount;
                context.Report("read", 0.5, FormattableString.Invariant($"{rows:N0} rows"));
            }

            await writer.CompleteAsync(token).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        var summary = new CollectionSummary(reader.Names, reader.Version?.Value, rows, [.. reader.Schema]) { Notes = reader.Notes };
        await context.SaveAsync(Summary, summary, CollectionJson.Default.CollectionSummary, ct).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _reader?.DisposeAsync() ?? ValueTask.CompletedTask;
}
