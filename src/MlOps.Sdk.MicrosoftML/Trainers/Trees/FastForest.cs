using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.FastForest"/>, to name in a search.</summary>
public static class FastForest
{
    /// <summary>See <see cref="FastForestOptions.Trees"/>.</summary>
    public static IntegerHyperparameter Trees { get; } = Of<IntegerHyperparameter>(nameof(FastForestOptions.Trees));

    /// <summary>See <see cref="FastForestOptions.Leaves"/>.</summary>
    public static IntegerHyperparameter Leaves { get; } = Of<IntegerHyperparameter>(nameof(FastForestOptions.Leaves));

    /// <summary>See <see cref="FastForestOptions.MinLeafRows"/>.</summary>
    public static IntegerHyperparameter MinLeafRows { get; } = Of<IntegerHyperparameter>(nameof(FastForestOptions.MinLeafRows));

    /// <summary>See <see cref="FastForestOptions.MaxBins"/>.</summary>
    public static IntegerHyperparameter MaxBins { get; } = Of<IntegerHyperparameter>(nameof(FastForestOptions.MaxBins));

    /// <summary>See <see cref="FastForestOptions.RowFraction"/>.</summary>
    public static NumberHyperparameter RowFraction { get; } = Of<NumberHyperparameter>(nameof(FastForestOptions.RowFraction));

    /// <summary>See <see cref="FastForestOptions.FeatureFraction"/>.</summary>
    public static NumberHyperparameter FeatureFraction { get; } = Of<NumberHyperparameter>(nameof(FastForestOptions.FeatureFraction));

    /// <summary>See <see cref="FastForestOptions.SplitFeatureFraction"/>.</summary>
    public static NumberHyperparameter SplitFeatureFraction { get; } =
        Of<NumberHyperparameter>(nameof(FastForestOptions.SplitFeatureFraction));

    /// <summary>See <see cref="FastForestOptions.CategoricalSplits"/>.</summary>
    public static BooleanHyperparameter CategoricalSplits { get; } = Of<BooleanHyperparameter>(nameof(FastForestOptions.CategoricalSplits));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, FastForestOptions>(property);
}
