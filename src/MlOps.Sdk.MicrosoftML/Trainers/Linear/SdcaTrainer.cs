using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Linear models by stochastic dual coordinate ascent (Shalev-Shwartz and Zhang 2013): logistic regression, maximum entropy and least
/// squares.
/// </summary>
internal sealed class SdcaTrainer : LibraryTrainer
{
    private readonly SdcaOptions _options;

    public SdcaTrainer(SdcaOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "sdca";

    public override TrainerCapabilities Capabilities { get; } = new(
        [TaskKind.BinaryClassification, TaskKind.MulticlassClassification, TaskKind.Regression])
    {
        Determinism = Determinism.OneThread,
        NeedsScaling = true,
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override ITransformer Fit(Fitting fitting)
    {
        var settings = fitting.Options(_options);
        switch (fitting.Task)
        {
            case TaskKind.BinaryClassification:
                var binary = new SdcaLogisticRegressionBinaryTrainer.Options();
                Set(binary, settings, fitting);
                return fitting.ML.BinaryClassification.Trainers.SdcaLogisticRegression(binary).Fit(fitting.Rows);
            case TaskKind.MulticlassClassification:
                var multiclass = new SdcaMaximumEntropyMulticlassTrainer.Options();
                Set(multiclass, settings, fitting);
                return fitting.ML.MulticlassClassification.Trainers.SdcaMaximumEntropy(multiclass).Fit(fitting.Rows);
            default:
                var regression = new SdcaRegressionTrainer.Options();
                Set(regression, settings, fitting);
                return fitting.ML.Regression.Trainers.Sdca(regression).Fit(fitting.Rows);
        }
    }

    private static void Set<TOptions, TTransformer, TModel>(
        SdcaTrainerBase<TOptions, TTransformer, TModel>.OptionsBase options, SdcaOptions settings, Fitting fitting)
        where TOptions : SdcaTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        options.FeatureColumnName = TrainingColumns.Features;
        options.LabelColumnName = TrainingColumns.Label;
        options.ExampleWeightColumnName = fitting.WeightColumn;
        // With more than one, threads overwrite each other's steps, and no two models are alike.
        options.NumberOfThreads = 1;
        options.L2Regularization = settings.L2 == 0 ? null : (float)settings.L2;
        options.L1Regularization = (float)settings.L1;
        options.ConvergenceTolerance = (float)settings.Tolerance;
        options.MaximumNumberOfIterations = settings.Iterations == 0 ? null : settings.Iterations;
        options.BiasLearningRate = (float)settings.BiasLearningRate;
    }
}
