using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Logistic regression and maximum entropy of the library, minimised by L-BFGS, with both penalties (OWL-QN of Andrew and Gao 2007).
/// </summary>
internal sealed class LbfgsLogisticRegressionTrainer : LibraryTrainer
{
    private readonly LbfgsLogisticRegressionOptions _options;

    public LbfgsLogisticRegressionTrainer(LbfgsLogisticRegressionOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "lbfgs-logistic-regression";

    // Deterministic for any number of threads that it is given: its own setting decides into how many parts the sums are cut.
    public override TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.MulticlassClassification])
    {
        NeedsScaling = true,
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override ITransformer Fit(Fitting fitting)
    {
        var settings = fitting.Options(_options);
        if (fitting.Task == TaskKind.MulticlassClassification)
        {
            var multiclass = new LbfgsMaximumEntropyMulticlassTrainer.Options();
            Set(multiclass, settings, fitting);
            return fitting.ML.MulticlassClassification.Trainers.LbfgsMaximumEntropy(multiclass).Fit(fitting.Rows);
        }

        var binary = new LbfgsLogisticRegressionBinaryTrainer.Options();
        Set(binary, settings, fitting);
        return fitting.ML.BinaryClassification.Trainers.LbfgsLogisticRegression(binary).Fit(fitting.Rows);
    }

    private static void Set<TOptions, TTransformer, TModel>(
        LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase options, LbfgsLogisticRegressionOptions settings, Fitting fitting)
        where TOptions : LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        options.FeatureColumnName = TrainingColumns.Features;
        options.LabelColumnName = TrainingColumns.Label;
        options.ExampleWeightColumnName = fitting.WeightColumn;
        options.NumberOfThreads = settings.Threads;
        options.L1Regularization = (float)settings.L1;
        options.L2Regularization = (float)settings.L2;
        options.OptimizationTolerance = (float)settings.Tolerance;
        options.MaximumNumberOfIterations = settings.Iterations;
        options.HistorySize = settings.HistorySize;
        options.EnforceNonNegativity = settings.NonNegative;
    }
}
