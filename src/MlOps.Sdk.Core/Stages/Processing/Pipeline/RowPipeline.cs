using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>
/// The steps of stage 3 alone, without a lifecycle: over a table, over the windows of a stream, or over a stream that never ends. The same
/// steps do the same in all three. Immutable and thread-safe: each call has its state to itself.
/// </summary>
public sealed class RowPipeline
{
    private readonly PipelineSteps _steps;

    private RowPipeline(PipelineSteps steps) => _steps = steps;

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
                "A row pipeline returns all rows, so it cannot have a split.",
                "Remove the split, or define it in ProcessData of a lifecycle.");
        }
        var context = new BuildContext();
        var plan = builder.Build(context);
        if (context.Mistakes.Count > 0) throw new MlOpsException(string.Join(" ", context.Mistakes), "Correct them all.");
        return new RowPipeline(plan.MakeSteps(services ?? PluginServices.None));
    }

    /// <summary>Runs the steps over a table.</summary>
    /// <param name="rows">The table.</param>
    /// <param name="cancellationToken">Cancels the processing.</param>
    /// <exception cref="ExpectationFailedException">An expectation is not met.</exception>
    /// <exception cref="MlOpsException">A step does not fit the columns, or fails.</exception>
    public async Task<ProcessedRows> ApplyAsync(Dataset rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        await _steps.LoadAsync([], cancellationToken).ConfigureAwait(false);
        var places = _steps.Bind(rows.Schema);
        var aside = new SortedDictionary<int, (string Expectation, TableBuilder Rows)>();
        var run = new PipelineRun(places) { SetAside = SetAside };
        var flow = await _steps.BeginAsync(Batches(rows), run, cancellationToken).ConfigureAwait(false);
        var result = await Dataset.FromBatchesAsync(
            run.Schema, KeyedBatch.WithoutKeys(flow, cancellationToken), cancellationToken).ConfigureAwait(false);
        var results = ExpectationTally.Complete(run.Tallies.Values);
        return new ProcessedRows(result, [.. aside.Values.Select(set => new QuarantinedRows(set.Expectation, set.Rows.Build()))], results);

        ValueTask SetAside(int place, string expectation, RecordBatch batch, int row, CancellationToken token)
        {
            if (!aside.ContainsKey(place)) aside.Add(place, (expectation, new TableBuilder(places[place])));
            aside[place].Rows.Append(batch, row);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Runs the steps over each window of a stream, as over a separate table.</summary>
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
        if (_steps.All.Select(step => step.NeedsSet).FirstOrDefault(reason => reason is not null) is { } reason)
        {
            throw new MlOpsException($"{reason}, which is not possible for an endless stream.",
                "Divide the stream into windows with ByCount or ByTime, and apply the pipeline to the windows.");
        }

        return ReadAsync(cancellationToken);

        async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken token)
        {
            await _steps.LoadAsync([], token).ConfigureAwait(false);
            var reader = await ResilientReader.OpenAsync(source, ReadRequest.All, token).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var run = new PipelineRun(_steps.Bind(reader.Schema));
                var flow = await _steps.BeginAsync(reader.ReadAsync(token), run, token).ConfigureAwait(false);
                await foreach (var rows in flow.ConfigureAwait(false)) yield return rows.Batch;
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
}
