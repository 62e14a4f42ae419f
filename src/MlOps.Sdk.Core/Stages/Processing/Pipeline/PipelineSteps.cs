using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Steps in their order, as the stage runs them over what was collected, and <see cref="RowPipeline"/> over tables, windows and streams.
/// Thread-safe once they are loaded.
/// </summary>
internal sealed class PipelineSteps(IReadOnlyList<PipelineStep> steps)
{
    public IReadOnlyList<PipelineStep> All => steps;

    /// <summary>Reads the tables in which steps look rows up; what is read stays for the life of the steps.</summary>
    /// <param name="personal">Columns whose values may be kept in no name and no message.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">A table cannot be read.</exception>
    public async ValueTask LoadAsync(IReadOnlyCollection<string> personal, CancellationToken cancellationToken)
    {
        foreach (var step in steps) await step.LoadAsync(personal, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The schema before each step, and after the last.</summary>
    /// <exception cref="MlOpsException">A step does not fit the columns.</exception>
    public IReadOnlyList<Schema> Bind(Schema schema)
    {
        var places = new List<Schema>(steps.Count + 1) { schema };
        foreach (var step in steps) places.Add(step.Bind(places[^1]));
        return places;
    }

    /// <summary>Makes the steps ready for a pass; the rows pass when what is returned is read.</summary>
    /// <exception cref="MlOpsException">What an expectation compares rows with cannot be read.</exception>
    public async ValueTask<IAsyncEnumerable<KeyedBatch>> BeginAsync(
        IAsyncEnumerable<RecordBatch> rows, PipelineRun run, CancellationToken cancellationToken)
    {
        var flow = run.At(0, KeyedBatch.Of(rows, cancellationToken), cancellationToken);
        for (var i = 0; i < steps.Count; i++)
        {
            await steps[i].PrepareAsync(run, i, cancellationToken).ConfigureAwait(false);
            flow = run.At(i + 1, steps[i].Flow(flow, run, i, cancellationToken), cancellationToken);
        }

        return flow;
    }
}
