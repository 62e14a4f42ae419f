using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="Trainers.LinearRegression"/>, to name in a search.</summary>
public static class LinearRegression
{
    /// <summary>See <see cref="LinearRegressionOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(LinearRegressionOptions.L2));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, LinearRegressionOptions>(property);
}
