using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.LinearSvm"/>, to name in a search.</summary>
public static class LinearSvm
{
    /// <summary>See <see cref="LinearSvmOptions.Lambda"/>.</summary>
    public static NumberHyperparameter Lambda { get; } = Of<NumberHyperparameter>(nameof(LinearSvmOptions.Lambda));

    /// <summary>See <see cref="LinearSvmOptions.Iterations"/>.</summary>
    public static IntegerHyperparameter Iterations { get; } = Of<IntegerHyperparameter>(nameof(LinearSvmOptions.Iterations));

    /// <summary>See <see cref="LinearSvmOptions.BatchSize"/>.</summary>
    public static IntegerHyperparameter BatchSize { get; } = Of<IntegerHyperparameter>(nameof(LinearSvmOptions.BatchSize));

    /// <summary>See <see cref="LinearSvmOptions.Projection"/>.</summary>
    public static BooleanHyperparameter Projection { get; } = Of<BooleanHyperparameter>(nameof(LinearSvmOptions.Projection));

    /// <summary>See <see cref="LinearSvmOptions.Intercept"/>.</summary>
    public static BooleanHyperparameter Intercept { get; } = Of<BooleanHyperparameter>(nameof(LinearSvmOptions.Intercept));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, LinearSvmOptions>(property);
}
