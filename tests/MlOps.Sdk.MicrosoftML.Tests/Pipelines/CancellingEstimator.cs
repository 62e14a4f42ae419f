using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Cancels a source when it is fitted, and else does nothing.</summary>
internal sealed class CancellingEstimator(MLContext ml, CancellationTokenSource source) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input)
    {
        source.Cancel();
        return ml.Transforms.CopyColumns("copied", input.Schema[0].Name).Fit(input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
}
