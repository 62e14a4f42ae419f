using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.LbfgsLogisticRegression"/>, to name in a search.</summary>
public static class LbfgsLogisticRegression
{
    /// <summary>See <see cref="LbfgsLogisticRegressionOptions.L1"/>.</summary>
    public static NumberHyperparameter L1 { get; } = Of<NumberHyperparameter>(nameof(LbfgsLogisticRegressionOptions.L1));

    /// <summary>See <see cref="LbfgsLogisticRegressionOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(LbfgsLogisticRegressionOptions.L2));

    /// <summary>See <see cref="LbfgsLogisticRegressionOptions.Tolerance"/>.</summary>
    public static NumberHyperparameter Tolerance { get; } = Of<NumberHyperparameter>(nameof(LbfgsLogisticRegressionOptions.Tolerance));

    /// <summary>See <see cref="LbfgsLogisticRegressionOptions.Iterations"/>.</summary>
    public static IntegerHyperparameter Iterations { get; } = Of<IntegerHyperparameter>(nameof(LbfgsLogisticRegressionOptions.Iterations));

    /// <summary>See <see cref="LbfgsLogisticRegressionOptions.HistorySize"/>.</summary>
    public static IntegerHyperparameter HistorySize { get; } =
        Of<IntegerHyperparameter>(nameof(LbfgsLogisticRegressionOptions.HistorySize));

    /// <summary>See <see cref="LbfgsLogisticRegressionOptions.NonNegative"/>.</summary>
    public static BooleanHyperparameter NonNegative { get; } =
        Of<BooleanHyperparameter>(nameof(LbfgsLogisticRegressionOptions.NonNegative));

    /// <summary>See <see cref="LbfgsLogisticRegressionOptions.Threads"/>.</summary>
    public static IntegerHyperparameter Threads { get; } = Of<IntegerHyperparameter>(nameof(LbfgsLogisticRegressionOptions.Threads));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, LbfgsLogisticRegressionOptions>(property);
}
