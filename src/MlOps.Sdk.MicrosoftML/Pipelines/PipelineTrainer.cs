using Microsoft.ML;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A whole ML.NET pipeline, features and trainer together, as a trainer that reads columns.</summary>
/// <param name="name">The name.</param>
/// <param name="version">The version of what <paramref name="build"/> does.</param>
/// <param name="build">Builds the pipeline; called on a worker thread, once for each fit.</param>
/// <param name="hyperparameters">What a search may vary.</param>
internal sealed class PipelineTrainer(
    string name,
    string version,
    Func<MLContext, PipelineSettings, IEstimator<ITransformer>> build,
    IReadOnlyList<Hyperparameter> hyperparameters) : IRowTrainer
{
    public string Name => name;

    // Another version of the library may give another model from the same rows.
    public string Version => LibraryVersion.With(version);

    // What the pipeline's parts can do is not known. ML.NET's trainers are deterministic with one thread, and some with one only.
    public TrainerCapabilities Capabilities { get; } = new(Enum.GetValues<TaskKind>(), HandlesMissing: true)
    {
        Determinism = Determinism.OneThread,
        Sparse = true,
    };

    public IReadOnlyList<Hyperparameter> Hyperparameters => hyperparameters;

    public IReadOnlyList<string> FormatIds => [PipelineModel.Format];

    public async ValueTask<IRowModel> TrainAsync(RowTrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var parameters = hyperparameters.ToDictionary(parameter => parameter.Name, context.Setting, StringComparer.Ordinal);
        context.Progress?.Report(double.NaN);
        return await new MLSession(context.Seed, context.Logger).RunAsync(
            ml => new PipelineTraining(ml, context, name, build, parameters, cancellationToken).Run(),
            cancellationToken).ConfigureAwait(false);
    }
}
