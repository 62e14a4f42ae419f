using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Tests.Processing;

/// <summary>Runs a set-wise step over a small table.</summary>
internal static class SetSteps
{
    /// <summary>The rows that the step gives, as one batch; its schema where it gives none.</summary>
    public static Task<(Schema Schema, string Rows)> RunAsync(IDataProcessor step, RecordBatch rows, int size = RecordBatch.MaxRows) =>
        RunAsync(step is IReferenceProcessor join ? new JoinStep(join) : PipelineStep.Of(step), rows, size);

    /// <inheritdoc cref="RunAsync(IDataProcessor, RecordBatch, int)"/>
    public static Task<(Schema Schema, string Rows)> RunAsync(IRowSelection step, RecordBatch rows, int size = RecordBatch.MaxRows) =>
        RunAsync(new SelectionStep(step), rows, size);

    private static async Task<(Schema Schema, string Rows)> RunAsync(PipelineStep step, RecordBatch rows, int size)
    {
        var steps = new PipelineSteps([step]);
        await steps.LoadAsync([], default);
        var run = new PipelineRun(steps.Bind(rows.Schema));
        var shown = new List<string>();
        await foreach (var batch in await steps.BeginAsync(Tables.Stream(rows, size), run, default)) shown.Add(Tables.Show(batch.Batch));
        return (run.Schema, string.Join('\n', shown));
    }

    public static Dataset Table(string text)
    {
        var batch = Tables.Batch(text);
        return Dataset.FromBatches(batch.Schema, [batch]);
    }
}
