using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A generalized additive model of the library: a step function per feature (Lou, Caruana and Gehrke 2012).</summary>
internal sealed class GamTrainer : LibraryTrainer
{
    private readonly GamOptions _options;

    public GamTrainer(GamOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "gam";

    // The library leaves out rows with missing values when it learns, so that they are not understood. With weights it finds no step worth
    // taking, and sums of effects depend on the order in which threads come.
    public override TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification, TaskKind.Regression])
    {
        Determinism = Determinism.OneThread,
        Weights = false,
        ValidationRows = true,
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
            var regression = fitting.ML.Regression.Trainers.Gam(new GamRegressionTrainer.Options
            {
                FeatureColumnName = TrainingColumns.Features,
                LabelColumnName = TrainingColumns.Label,
                NumberOfThreads = fitting.Threads,
                Seed = fitting.Seed,
                NumberOfIterations = settings.Iterations,
                LearningRate = settings.LearningRate,
                MaximumBinCountPerFeature = settings.MaxBins,
                MinimumExampleCountPerLeaf = settings.MinLeafRows,
                EnablePruning = fitting.Validation is not null,
            });
            using var end = new GamCancellation(regression, fitting.CancellationToken);
            return fitting.Validation is { } held ? regression.Fit(fitting.Rows, held) : regression.Fit(fitting.Rows);
        }

        var binary = fitting.ML.BinaryClassification.Trainers.Gam(new GamBinaryTrainer.Options
        {
            FeatureColumnName = TrainingColumns.Features,
            LabelColumnName = TrainingColumns.Label,
            NumberOfThreads = fitting.Threads,
            Seed = fitting.Seed,
            NumberOfIterations = settings.Iterations,
            LearningRate = settings.LearningRate,
            MaximumBinCountPerFeature = settings.MaxBins,
            MinimumExampleCountPerLeaf = settings.MinLeafRows,
            EnablePruning = fitting.Validation is not null,
            UnbalancedSets = settings.UnbalancedSets,
        });
        using (new GamCancellation(binary, fitting.CancellationToken))
        {
            return fitting.Validation is { } validation ? binary.Fit(fitting.Rows, validation) : binary.Fit(fitting.Rows);
        }
    }
}
