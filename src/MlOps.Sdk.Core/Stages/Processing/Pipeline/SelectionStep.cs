using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>A step that keeps some rows: these keep their keys, and what they were before the row-wise steps.</summary>
internal sealed class SelectionStep(IRowSelection step) : PipelineStep(step, step.NeedsAllRows)
{
    public override Schema Bind(Schema input)
    {
        _ = step.Begin(input);
        return input;
    }

    public override async IAsyncEnumerable<KeyedBatch> Flow(
        IAsyncEnumerable<KeyedBatch> rows, PipelineRun run, int place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pass = step.Begin(run.Places[place]);
        if (pass.Observe is { } observe)
        {
            rows = run.SpoolDirectory is { } directory
                ? Spool(rows, observe, run.Places[place], directory, cancellationToken)
                : Hold(rows, observe, cancellationToken);
        }

        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var kept = pass.Select(batch.Batch);
            if (kept.Count > 0) yield return batch.Take(kept);
        }
    }

    private static async IAsyncEnumerable<KeyedBatch> Hold(
        IAsyncEnumerable<KeyedBatch> rows, Action<RecordBatch> observe, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var held = new List<KeyedBatch>();
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            observe(batch.Batch);
            held.Add(batch);
        }

        foreach (var batch in held) yield return batch;
    }

    private static async IAsyncEnumerable<KeyedBatch> Spool(
        IAsyncEnumerable<KeyedBatch> rows,
        Action<RecordBatch> observe,
        Schema schema,
        string directory,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RowSpool? spool = null;
        try
        {
            await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                observe(batch.Batch);
                if (spool is null)
                {
                    spool = new RowSpool(directory, schema, batch.Before?.Schema);
                    await spool.BeginAsync(cancellationToken).ConfigureAwait(false);
                }

                await spool.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            if (spool is null) yield break;
            await foreach (var batch in spool.ReadAsync(cancellationToken).ConfigureAwait(false)) yield return batch;
        }
        finally
        {
            if (spool is not null) await spool.DisposeAsync().ConfigureAwait(false);
        }
    }
}
