using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.Sdca"/>, to name in a search.</summary>
public static class Sdca
{
    /// <summary>See <see cref="SdcaOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(SdcaOptions.L2));

    /// <summary>See <see cref="SdcaOptions.L1"/>.</summary>
    public static NumberHyperparameter L1 { get; } = Of<NumberHyperparameter>(nameof(SdcaOptions.L1));

    /// <summary>See <see cref="SdcaOptions.Tolerance"/>.</summary>
    public static NumberHyperparameter Tolerance { get; } = Of<NumberHyperparameter>(nameof(SdcaOptions.Tolerance));

    /// <summary>See <see cref="SdcaOptions.Iterations"/>.</summary>
    public static IntegerHyperparameter Iterations { get; } = Of<IntegerHyperparameter>(nameof(SdcaOptions.Iterations));

    /// <summary>See <see cref="SdcaOptions.BiasLearningRate"/>.</summary>
    public static NumberHyperparameter BiasLearningRate { get; } = Of<NumberHyperparameter>(nameof(SdcaOptions.BiasLearningRate));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, SdcaOptions>(property);
}
