using Microsoft.ML;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Poisson regression of the library, for counts: the logarithm of the expected number is linear in the features.</summary>
internal sealed class LbfgsPoissonRegressionTrainer : LibraryTrainer
{
    private readonly LbfgsPoissonRegressionOptions _options;

    public LbfgsPoissonRegressionTrainer(LbfgsPoissonRegressionOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "lbfgs-poisson-regression";

    // Deterministic for any number of threads that it is given: its own setting decides into how many parts the sums are cut.
    public override TrainerCapabilities Capabilities { get; } = new([TaskKind.Regression])
    {
        NeedsScaling = true,
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override void Check(TrainingContext context)
    {
        var labels = context.Labels.Span;
        for (var row = 0; row < labels.Length; row++)
        {
            if (labels[row] >= 0) continue;
            throw new MlOpsException(
                FormattableString.Invariant($"The label of training row {row} is {labels[row]}, but '{Name}' learns counts."),
                "Labels must be 0 or more; for others, try a trainer such as MicrosoftML.Sdca().");
        }
    }

    protected override ITransformer Fit(Fitting fitting)
    {
        var settings = fitting.Options(_options);
        return fitting.ML.Regression.Trainers.LbfgsPoissonRegression(new Microsoft.ML.Trainers.LbfgsPoissonRegressionTrainer.Options
        {
            FeatureColumnName = TrainingColumns.Features,
            LabelColumnName = TrainingColumns.Label,
            ExampleWeightColumnName = fitting.WeightColumn,
            NumberOfThreads = settings.Threads,
            L1Regularization = (float)settings.L1,
            L2Regularization = (float)settings.L2,
            OptimizationTolerance = (float)settings.Tolerance,
            MaximumNumberOfIterations = settings.Iterations,
            HistorySize = settings.HistorySize,
            EnforceNonNegativity = settings.NonNegative,
        }).Fit(fitting.Rows);
    }
}
