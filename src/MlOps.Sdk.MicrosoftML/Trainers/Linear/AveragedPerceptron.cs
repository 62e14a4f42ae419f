using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.AveragedPerceptron"/>, to name in a search.</summary>
public static class AveragedPerceptron
{
    /// <summary>See <see cref="AveragedPerceptronOptions.Iterations"/>.</summary>
    public static IntegerHyperparameter Iterations { get; } = Of<IntegerHyperparameter>(nameof(AveragedPerceptronOptions.Iterations));

    /// <summary>See <see cref="AveragedPerceptronOptions.LearningRate"/>.</summary>
    public static NumberHyperparameter LearningRate { get; } = Of<NumberHyperparameter>(nameof(AveragedPerceptronOptions.LearningRate));

    /// <summary>See <see cref="AveragedPerceptronOptions.DecreaseLearningRate"/>.</summary>
    public static BooleanHyperparameter DecreaseLearningRate { get; } =
        Of<BooleanHyperparameter>(nameof(AveragedPerceptronOptions.DecreaseLearningRate));

    /// <summary>See <see cref="AveragedPerceptronOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(AveragedPerceptronOptions.L2));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, AveragedPerceptronOptions>(property);
}
