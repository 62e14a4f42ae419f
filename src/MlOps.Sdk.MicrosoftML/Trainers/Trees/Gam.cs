using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.Gam"/>, to name in a search.</summary>
public static class Gam
{
    /// <summary>See <see cref="GamOptions.Iterations"/>.</summary>
    public static IntegerHyperparameter Iterations { get; } = Of<IntegerHyperparameter>(nameof(GamOptions.Iterations));

    /// <summary>See <see cref="GamOptions.LearningRate"/>.</summary>
    public static NumberHyperparameter LearningRate { get; } = Of<NumberHyperparameter>(nameof(GamOptions.LearningRate));

    /// <summary>See <see cref="GamOptions.MaxBins"/>.</summary>
    public static IntegerHyperparameter MaxBins { get; } = Of<IntegerHyperparameter>(nameof(GamOptions.MaxBins));

    /// <summary>See <see cref="GamOptions.MinLeafRows"/>.</summary>
    public static IntegerHyperparameter MinLeafRows { get; } = Of<IntegerHyperparameter>(nameof(GamOptions.MinLeafRows));

    /// <summary>See <see cref="GamOptions.UnbalancedSets"/>.</summary>
    public static BooleanHyperparameter UnbalancedSets { get; } = Of<BooleanHyperparameter>(nameof(GamOptions.UnbalancedSets));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, GamOptions>(property);
}
