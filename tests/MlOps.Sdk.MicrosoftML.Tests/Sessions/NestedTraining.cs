using Microsoft.ML;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>An estimator that trains one of our trainers while it is fitted, and else does nothing.</summary>
internal sealed class NestedTraining(MLContext ml, string trainer) : IEstimator<ITransformer>
{
    /// <summary>How often it has been fitted.</summary>
    public int Fits { get; private set; }

    public ITransformer Fit(IDataView input)
    {
        using var model = Catalog.Small(trainer).TrainAsync(TrainingRows.Context(TaskKind.Regression)).AsTask().GetAwaiter().GetResult();
        Fits++;
        return ml.Transforms.CopyColumns("copied", input.Schema[0].Name).Fit(input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
}
