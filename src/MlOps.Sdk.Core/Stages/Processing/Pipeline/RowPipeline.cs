using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>
/// The steps of stage 3 alone, without a lifecycle: over a table, over the windows of a stream, or over a stream that never ends. The same
/// steps do the same in all three. Immutable and thread-safe: each call has its state to itself.
/// </summary>
public sealed class RowPipeline
{
    private readonly object[] _steps;

    private RowPipeline(object[] steps) => _steps = steps;

    /// <summary>Makes a pipeline.</summary>
    /// <param name="steps">Names the steps and expectations, in order.</param>
    /// <param name="services">Makes steps that are named by type.</param>
    /// <exception cref="MlOpsException">A split is named.</exception>
    public static RowPipeline Create(Action<ProcessingBuilder> steps, IServiceProvider? services = null)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var builder = new ProcessingBuilder();
        steps(builder);
        if (builder.HasSplit)
        {
            throw new MlOpsException(
                "A pipeline of rows gives all of them, so a split has no place in it.",
                "Remove the split, or name it in ProcessData of a lifecycle.");
        }
        return new RowPipeline([.. builder.Build().Steps.Select(step => step(services))]);
    }

    /// <summary>Runs the steps over a table.</summary>
    /// <param name="rows">The table.</param>
    /// <param name="cancellationToken">Cancels the processing.</param>
    /// <exception cref="ExpectationFailedException">An expectation is not met.</exception>
    /// <exception cref="MlOpsException">A step does not fit the columns, or fails.</exception>
    public async Task<ProcessedRows> ApplyAsync(Dataset rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        var schema = rows.Schema;
        var flow = Batches(rows);
        var tallies = new List<ExpectationTally>();
        var aside = new List<(string Expectation, TableBuilder Rows)>();
        foreach (var step in _steps)
        {
            if (step is ExpectationStep expectation)
            {
                tallies.Add(new ExpectationTally(expectation, schema));
                await tallies[^1].PrepareAsync(cancellationToken).ConfigureAwait(false);
                aside.Add((expectation.Expectation.Name, new TableBuilder(schema)));
                flow = Expect(flow, expectation, tallies[^1], aside[^1].Rows, cancellationToken);
            }
            else
            {
                var processor = (IDataProcessor)step;
                schema = ProcessingPipeline.Bind(processor, schema);
                flow = processor.ProcessAsync(flow, cancellationToken);
            }
        }

        var result = await Dataset.FromBatchesAsync(schema, flow, cancellationToken).ConfigureAwait(false);
        var results = ExpectationTally.Complete(tallies);
        return new ProcessedRows(
            result,
            [.. aside.Where(set => set.Rows.Count > 0).Select(set => new SetAsideRows(set.Expectation, set.Rows.Build()))],
            results);
    }

    /// <summary>Runs the steps over each window of a stream, as over a table of its own.</summary>
    /// <param name="windows">The windows, for example of <see cref="StreamWindows"/>.</param>
    /// <param name="cancellationToken">Cancels the processing.</param>
    /// <exception cref="ExpectationFailedException">
    /// A window does not meet an expectation; thrown when it is reached, and names the window.
    /// </exception>
    /// <exception cref="MlOpsException">A step does not fit the columns of a window, or fails; names the window.</exception>
    public async IAsyncEnumerable<ProcessedWindow> ApplyAsync(
        IAsyncEnumerable<StreamWindow> windows,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(windows);
        var count = 0L;
        await foreach (var window in windows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            count++;
            ProcessedRows processed;
            try
            {
                processed = await ApplyAsync(window.Rows, cancellationToken).ConfigureAwait(false);
            }
            catch (ExpectationFailedException e)
            {
                throw new ExpectationFailedException(e.Results, NameOf(window, count));
            }
            catch (MlOpsException e)
            {
                throw new MlOpsException(
                    $"{NameOf(window, count)}: {e.Problem}", e.Remedy, e) { DataSource = e.DataSource, Line = e.Line, Column = e.Column };
            }

            yield return new ProcessedWindow(window, processed);
        }
    }

    /// <summary>Runs the steps over rows as they come, without an end in sight.</summary>
    /// <param name="source">The rows, for example a channel.</param>
    /// <param name="cancellationToken">Cancels the processing.</param>
    /// <returns>The rows after the last step, as soon as they are there.</returns>
    /// <exception cref="MlOpsException">
    /// A step needs the whole set of rows, or remembers all of them; expectations judge a set, too. Thrown at the call.
    /// </exception>
    public IAsyncEnumerable<RecordBatch> StreamAsync(IDataSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        const string remedy = "Cut the stream into windows with ByCount or ByTime, and apply the pipeline to these.";
        foreach (var step in _steps)
        {
            if (step is ExpectationStep expectation)
            {
                throw new MlOpsException(
                    $"The expectation '{expectation.Expectation.Name}' judges a set of rows, which a stream without an end never is.",
                    remedy);
            }
            if (step is IDataProcessor { NeedsAllRows: true })
            {
                throw new MlOpsException($"The step {step} needs the whole set of rows, which a stream without an end never is.", remedy);
            }
        }

        return ReadAsync(cancellationToken);

        async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken token)
        {
            await LoadAsync(token).ConfigureAwait(false);
            var reader = await ResilientReader.OpenAsync(source, ReadRequest.All, token).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var schema = reader.Schema;
                var flow = reader.ReadAsync(token);
                foreach (var step in _steps.Cast<IDataProcessor>())
                {
                    schema = ProcessingPipeline.Bind(step, schema);
                    flow = step.ProcessAsync(flow, token);
                }

                await foreach (var batch in flow.ConfigureAwait(false)) yield return batch;
            }
        }
    }

    private static string NameOf(StreamWindow window, long count) =>
        // An interpolation within another would take the culture of the thread.
        window.Start is null
            ? string.Create(CultureInfo.InvariantCulture, $"Window {count}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Window {count}, from {window.Start:yyyy-MM-dd HH:mm:ss.FFFFFF} to {window.End:yyyy-MM-dd HH:mm:ss.FFFFFF}");

    private static async IAsyncEnumerable<RecordBatch> Batches(Dataset rows)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var batch in rows.ToBatches()) yield return batch;
    }

    private static async IAsyncEnumerable<RecordBatch> Expect(
        IAsyncEnumerable<RecordBatch> flow,
        ExpectationStep step,
        ExpectationTally tally,
        TableBuilder aside,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failed = new bool[RecordBatch.MaxRows];
        await foreach (var batch in flow.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!tally.Check(batch, failed.AsSpan(0, batch.RowCount)) || step.OnFailure != OnFailure.Quarantine)
            {
                yield return batch;
                continue;
            }

            var kept = new List<int>();
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (failed[row]) aside.Append(batch, row);
                else kept.Add(row);
            }

            if (kept.Count > 0) yield return batch.Take([.. kept]);
        }
    }

    private async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var step in _steps.OfType<IReferenceProcessor>()) await step.Reference.LoadAsync(cancellationToken).ConfigureAwait(false);
    }
}
