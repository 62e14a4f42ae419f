using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Gradient boosted trees of the library (MART with LambdaMART's implementation).</summary>
internal sealed class FastTreeTrainer : LibraryTrainer
{
    private readonly FastTreeOptions _options;

    public FastTreeTrainer(FastTreeOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "fast-tree";

    // The library leaves out rows with missing values when it learns, so that they are not understood.
    public override TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.Regression])
    {
        ValidationRows = true,
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override TrainingGate Gate => TrainingGate.FastTree;

    protected override ITransformer Fit(Fitting fitting)
    {
        var settings = fitting.Options(_options);
        var fitted = Fit(fitting, settings, settings.Trees);
        // With dropout, later trees change earlier ones, so that none can be dropped.
        if (fitting.Validation is not { } validation || settings.DropoutRate > 0) return fitted;
        var score = TreesOf(fitted);
        var best = TreeCount.Best(score, validation);
        if (best >= score.Trees.Count) return fitted;

        // Fewer trees are the first of more: the same seed draws the same rows and features. A round in which no tree grows leaves none,
        // so that there may have to be more rounds than trees.
        var rounds = best;
        while (true)
        {
            fitting.CancellationToken.ThrowIfCancellationRequested();
            var fewer = Fit(fitting, settings, rounds);
            var grown = TreesOf(fewer).Trees.Count;
            if (grown >= best) return fewer;
            rounds += best - grown;
        }
    }

    private static ITransformer Fit(Fitting fitting, FastTreeOptions settings, int trees)
    {
        using var threads = FastTreeLibrary.Use(fitting.Threads);
        if (fitting.Task == TaskKind.Regression)
        {
            var regression = new FastTreeRegressionTrainer.Options();
            Set(regression, settings, fitting, trees);
            return fitting.ML.Regression.Trainers.FastTree(regression).Fit(fitting.Rows);
        }

        var binary = new FastTreeBinaryTrainer.Options { UnbalancedSets = settings.UnbalancedSets };
        Set(binary, settings, fitting, trees);
        return fitting.ML.BinaryClassification.Trainers.FastTree(binary).Fit(fitting.Rows);
    }

    private static TreesScore TreesOf(ITransformer fitted) =>
        (TreesScore)ScoreReading.Read(((ISingleFeaturePredictionTransformer<object>)fitted).Model);

    private static void Set(BoostedTreeOptions options, FastTreeOptions settings, Fitting fitting, int trees)
    {
        TreeSettings.Set(options, fitting);
        options.NumberOfTrees = trees;
        options.NumberOfLeaves = settings.Leaves;
        options.MinimumExampleCountPerLeaf = settings.MinLeafRows;
        options.LearningRate = settings.LearningRate;
        options.MaximumBinCountPerFeature = settings.MaxBins;
        options.BaggingSize = settings.RowFraction < 1 ? 1 : 0;
        options.BaggingExampleFraction = settings.RowFraction;
        options.FeatureFraction = settings.FeatureFraction;
        options.FeatureFractionPerSplit = settings.SplitFeatureFraction;
        options.DropoutRate = settings.DropoutRate;
        options.CategoricalSplit = settings.CategoricalSplits;
    }
}
