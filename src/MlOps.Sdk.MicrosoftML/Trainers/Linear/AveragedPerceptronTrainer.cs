using Microsoft.ML;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>The averaged perceptron of the library (Freund and Schapire 1999). Its margins become probabilities by Platt scaling.</summary>
internal sealed class AveragedPerceptronTrainer : LibraryTrainer
{
    private readonly AveragedPerceptronOptions _options;

    public AveragedPerceptronTrainer(AveragedPerceptronOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public override string Name => "averaged-perceptron";

    // The library takes weights, and does not use them.
    public override TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification])
    {
        Weights = false,
        NeedsScaling = true,
        Sparse = true,
    };

    public override IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    protected override ITransformer Fit(Fitting fitting)
    {
        var settings = fitting.Options(_options);
        return fitting.ML.BinaryClassification.Trainers.AveragedPerceptron(new Microsoft.ML.Trainers.AveragedPerceptronTrainer.Options
        {
            FeatureColumnName = TrainingColumns.Features,
            LabelColumnName = TrainingColumns.Label,
            NumberOfIterations = settings.Iterations,
            LearningRate = (float)settings.LearningRate,
            DecreaseLearningRate = settings.DecreaseLearningRate,
            L2Regularization = (float)settings.L2,
        }).Fit(fitting.Rows);
    }
}
