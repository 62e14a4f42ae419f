using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="Trainers.LogisticRegression"/>, to name in a search.</summary>
public static class LogisticRegression
{
    /// <summary>See <see cref="LogisticRegressionOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(LogisticRegressionOptions.L2));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, LogisticRegressionOptions>(property);
}
