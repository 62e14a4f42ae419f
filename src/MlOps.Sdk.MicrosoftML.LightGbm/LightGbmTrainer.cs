using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Gradient boosted trees of LightGBM (Ke et al. 2017), by way of Microsoft.ML.</summary>
internal sealed class LightGbmTrainer : LibraryTrainer
{
    private readonly LightGbmOptions _options;

    public LightGbmTrainer(LightGbmOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "lightgbm";

    public override TrainerCapabilities Capabilities { get; } = new(
        [TaskKind.BinaryClassification, TaskKind.MulticlassClassification, TaskKind.Regression],
        HandlesMissing: true)
    {
        ValidationRows = true,
        RuntimeIdentifiers = ["linux-x64", "osx-x64", "win-x64"],
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override TrainingGate Gate => TrainingGate.LightGbm;

    protected override ITransformer Fit(Fitting fitting)
    {
        try
        {
            return FitNatively(fitting);
        }
        catch (DllNotFoundException e)
        {
            throw LightGbmLibrary.Missing(e);
        }
    }

    private ITransformer FitNatively(Fitting fitting)
    {
        var settings = fitting.Options(_options);
        var validation = settings.Booster == LightGbmBooster.Dart ? null : fitting.Validation;
        switch (fitting.Task)
        {
            case TaskKind.BinaryClassification:
                var binaryOptions = new LightGbmBinaryTrainer.Options
                {
                    UnbalancedSets = settings.UnbalancedSets,
                    EvaluationMetric = LightGbmBinaryTrainer.Options.EvaluateMetricType.Logloss,
                };
                Set(binaryOptions, settings, fitting, validation);
                var binary = fitting.ML.BinaryClassification.Trainers.LightGbm(binaryOptions);
                return validation is null ? binary.Fit(fitting.Rows) : binary.Fit(fitting.Rows, validation);
            case TaskKind.MulticlassClassification:
                var multiclassOptions = new LightGbmMulticlassTrainer.Options
                {
                    // One model of all classes. Left to itself, the library takes one per class instead where there are few rows.
                    UseSoftmax = true,
                    EvaluationMetric = LightGbmMulticlassTrainer.Options.EvaluateMetricType.LogLoss,
                };
                Set(multiclassOptions, settings, fitting, validation);
                var multiclass = fitting.ML.MulticlassClassification.Trainers.LightGbm(multiclassOptions);
                return validation is null ? multiclass.Fit(fitting.Rows) : multiclass.Fit(fitting.Rows, validation);
            default:
                var regressionOptions = new LightGbmRegressionTrainer.Options
                {
                    EvaluationMetric = LightGbmRegressionTrainer.Options.EvaluateMetricType.RootMeanSquaredError,
                };
                Set(regressionOptions, settings, fitting, validation);
                var regression = fitting.ML.Regression.Trainers.LightGbm(regressionOptions);
                return validation is null ? regression.Fit(fitting.Rows) : regression.Fit(fitting.Rows, validation);
        }
    }

    private static void Set<TOptions, TOutput, TTransformer, TModel>(
        LightGbmTrainerBase<TOptions, TOutput, TTransformer, TModel>.OptionsBase options,
        LightGbmOptions settings,
        Fitting fitting,
        TrainingView? validation)
        where TOptions : LightGbmTrainerBase<TOptions, TOutput, TTransformer, TModel>.OptionsBase, new()
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        options.FeatureColumnName = TrainingColumns.Features;
        options.LabelColumnName = TrainingColumns.Label;
        options.ExampleWeightColumnName = fitting.WeightColumn;
        options.NumberOfThreads = fitting.Threads;
        options.Seed = fitting.Seed;
        options.Deterministic = true;
        // Whether histograms are built by rows or by columns is otherwise measured, and sums differ in their last bits.
        options.ForceColumnWise = true;
        options.NumberOfIterations = settings.Trees;
        options.LearningRate = settings.LearningRate;
        options.NumberOfLeaves = settings.Leaves;
        options.MinimumExampleCountPerLeaf = settings.MinLeafRows;
        options.MaximumBinCountPerFeature = settings.MaxBins;
        options.UseCategoricalSplit = settings.CategoricalSplits;
        options.MinimumExampleCountPerGroup = settings.MinLevelRows;
        options.CategoricalSmoothing = settings.LevelSmoothing;
        options.L2CategoricalRegularization = settings.LevelL2;
        options.EarlyStoppingRound = validation is null ? 0 : settings.Patience;
        options.Booster = BoosterOf(settings);
    }

    private static BoosterParameterBase.OptionsBase BoosterOf(LightGbmOptions settings)
    {
        BoosterParameterBase.OptionsBase booster = settings.Booster switch
        {
            LightGbmBooster.Dart => new DartBooster.Options { TreeDropFraction = settings.DropFraction },
            LightGbmBooster.Goss => new GossBooster.Options(),
            _ => new GradientBooster.Options(),
        };
        booster.MaximumTreeDepth = settings.MaxDepth;
        booster.MinimumChildWeight = settings.MinLeafWeight;
        booster.MinimumSplitGain = settings.MinGain;
        booster.L1Regularization = settings.L1;
        booster.L2Regularization = settings.L2;
        booster.FeatureFraction = settings.FeatureFraction;
        if (settings.Booster != LightGbmBooster.Goss && settings.RowFraction < 1)
        {
            booster.SubsampleFraction = settings.RowFraction;
            booster.SubsampleFrequency = 1;
        }

        return booster;
    }
}
