using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.LbfgsPoissonRegression"/>, to name in a search.</summary>
public static class LbfgsPoissonRegression
{
    /// <summary>See <see cref="LbfgsPoissonRegressionOptions.L1"/>.</summary>
    public static NumberHyperparameter L1 { get; } = Of<NumberHyperparameter>(nameof(LbfgsPoissonRegressionOptions.L1));

    /// <summary>See <see cref="LbfgsPoissonRegressionOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(LbfgsPoissonRegressionOptions.L2));

    /// <summary>See <see cref="LbfgsPoissonRegressionOptions.Tolerance"/>.</summary>
    public static NumberHyperparameter Tolerance { get; } = Of<NumberHyperparameter>(nameof(LbfgsPoissonRegressionOptions.Tolerance));

    /// <summary>See <see cref="LbfgsPoissonRegressionOptions.Iterations"/>.</summary>
    public static IntegerHyperparameter Iterations { get; } = Of<IntegerHyperparameter>(nameof(LbfgsPoissonRegressionOptions.Iterations));

    /// <summary>See <see cref="LbfgsPoissonRegressionOptions.HistorySize"/>.</summary>
    public static IntegerHyperparameter HistorySize { get; } = Of<IntegerHyperparameter>(nameof(LbfgsPoissonRegressionOptions.HistorySize));

    /// <summary>See <see cref="LbfgsPoissonRegressionOptions.NonNegative"/>.</summary>
    public static BooleanHyperparameter NonNegative { get; } = Of<BooleanHyperparameter>(nameof(LbfgsPoissonRegressionOptions.NonNegative));

    /// <summary>See <see cref="LbfgsPoissonRegressionOptions.Threads"/>.</summary>
    public static IntegerHyperparameter Threads { get; } = Of<IntegerHyperparameter>(nameof(LbfgsPoissonRegressionOptions.Threads));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, LbfgsPoissonRegressionOptions>(property);
}
