using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A random forest of the library (Breiman 2001). Its scores of two classes become probabilities by Platt scaling.</summary>
internal sealed class FastForestTrainer : LibraryTrainer
{
    private readonly FastForestOptions _options;

    public FastForestTrainer(FastForestOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "fast-forest";

    // The library leaves out rows with missing values when it learns, so that they are not understood.
    public override TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.Regression])
    {
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override TrainingGate Gate => TrainingGate.FastTree;

    protected override ITransformer Fit(Fitting fitting)
    {
        using var threads = FastTreeLibrary.Use(fitting.Threads);
        var settings = fitting.Options(_options);
        if (fitting.Task == TaskKind.Regression)
        {
            var regression = new FastForestRegressionTrainer.Options();
            Set(regression, settings, fitting);
            return fitting.ML.Regression.Trainers.FastForest(regression).Fit(fitting.Rows);
        }

        var binary = new FastForestBinaryTrainer.Options();
        Set(binary, settings, fitting);
        return fitting.ML.BinaryClassification.Trainers.FastForest(binary).Fit(fitting.Rows);
    }

    private static void Set(FastForestOptionsBase options, FastForestOptions settings, Fitting fitting)
    {
        TreeSettings.Set(options, fitting);
        options.NumberOfTrees = settings.Trees;
        options.NumberOfLeaves = settings.Leaves;
        options.MinimumExampleCountPerLeaf = settings.MinLeafRows;
        options.MaximumBinCountPerFeature = settings.MaxBins;
        options.BaggingExampleFraction = settings.RowFraction;
        options.FeatureFraction = settings.FeatureFraction;
        options.FeatureFractionPerSplit = settings.SplitFeatureFraction;
        options.CategoricalSplit = settings.CategoricalSplits;
        // Quantiles are not requested.
        options.NumberOfQuantileSamples = 1;
    }
}
