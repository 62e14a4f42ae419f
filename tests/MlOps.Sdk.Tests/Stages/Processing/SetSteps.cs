using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Tests.Processing;

/// <summary>Runs a set-wise step over a small table.</summary>
internal static class SetSteps
{
    /// <summary>The rows that the step gives, as one batch; its schema where it gives none.</summary>
    public static async Task<(Schema Schema, string Rows)> RunAsync(IDataProcessor step, RecordBatch rows, int size = RecordBatch.MaxRows)
    {
        if (step is IReferenceProcessor join) await join.Reference.LoadAsync(default);
        var schema = step.Bind(rows.Schema);
        var shown = new List<string>();
        await foreach (var batch in step.ProcessAsync(Tables.Stream(rows, size)))
        {
            if (!batch.Schema.Equals(schema)) throw new InvalidOperationException($"{batch.Schema} is not {schema}.");
            shown.Add(Tables.Show(batch));
        }

        return (schema, string.Join('\n', shown));
    }

    public static Dataset Table(string text) 
    {
        var batch = Tables.Batch(text);
        return Dataset.FromBatches(batch.Schema, [batch]);
    }
}
