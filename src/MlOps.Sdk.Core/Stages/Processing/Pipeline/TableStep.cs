using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Processing;

/// <summary>A set-wise step. One of the user's own may create new rows, so the rows that it gives have no keys yet.</summary>
internal class TableStep(IDataProcessor step) : PipelineStep(step, step.NeedsAllRows)
{
    public override bool MakesRows => true;

    public override Schema Bind(Schema input) => step.Bind(input);

    public override async IAsyncEnumerable<KeyedBatch> Flow(
        IAsyncEnumerable<KeyedBatch> rows, PipelineRun run, int place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var schema = run.Places[place + 1];
        var flow = step.ProcessAsync(KeyedBatch.WithoutKeys(rows, cancellationToken), cancellationToken);
        using var call = PluginCalls.Enter("processor", Type.Name);
        await foreach (var batch in flow.ConfigureAwait(false))
        {
            if (!batch.Schema.Equals(schema))
            {
                throw new MlOpsException(
                    $"The step {this} returned the columns {batch.Schema}, but had announced {schema}.",
                    "Fix its Bind method.");
            }
            yield return KeyedBatch.Of(batch);
        }
    }
}
