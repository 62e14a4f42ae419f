using Microsoft.ML;
using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

public static partial class MicrosoftML
{
    /// <summary>
    /// A whole ML.NET pipeline, features and trainer together, for
    /// <see cref="TrainingBuilder.TryPipeline(IRowTrainer, Action{SearchSpace}?)"/>: code that Model Builder generated works unchanged.
    /// It is fitted inside each fold on the rows after the row-wise steps, and served by as many threads as there are callers.
    /// </summary>
    /// <param name="name">The name shown and stored.</param>
    /// <param name="version">The version of what <paramref name="pipeline"/> does; changing it makes earlier results stale.</param>
    /// <param name="pipeline">
    /// Builds the pipeline. Its trainer's label is <see cref="PipelineSettings.Label"/>; it writes <c>Probability</c> or <c>Score</c>, as
    /// ML.NET's trainers do. Probabilities are used as they are; margins are calibrated on rows that the pipeline was not trained on.
    /// Called several times, on worker threads.
    /// </param>
    /// <param name="hyperparameters">What a search may vary; the values are in the settings.</param>
    public static IRowTrainer Pipeline(
        string name,
        string version,
        Func<MLContext, PipelineSettings, IEstimator<ITransformer>> pipeline,
        params Hyperparameter[] hyperparameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(hyperparameters);
        return new PipelineTrainer(name, version, pipeline, Distinct(hyperparameters));
    }
}
