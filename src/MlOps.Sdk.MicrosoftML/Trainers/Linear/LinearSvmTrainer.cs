using Microsoft.ML;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The linear support vector machine of the library (Pegasos, Shalev-Shwartz et al. 2011). Its margins become probabilities by Platt
/// scaling.
/// </summary>
internal sealed class LinearSvmTrainer : LibraryTrainer
{
    private readonly LinearSvmOptions _options;

    public LinearSvmTrainer(LinearSvmOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "linear-svm";

    public override TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification])
    {
        NeedsScaling = true,
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override ITransformer Fit(Fitting fitting)
    {
        var settings = fitting.Options(_options);
        return fitting.ML.BinaryClassification.Trainers.LinearSvm(new Microsoft.ML.Trainers.LinearSvmTrainer.Options
        {
            FeatureColumnName = TrainingColumns.Features,
            LabelColumnName = TrainingColumns.Label,
            ExampleWeightColumnName = fitting.WeightColumn,
            NumberOfIterations = settings.Iterations,
            Lambda = (float)settings.Lambda,
            BatchSize = settings.BatchSize,
            PerformProjection = settings.Projection,
            NoBias = !settings.Intercept,
        }).Fit(fitting.Rows);
    }
}
