using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="LightGbmExtensions"/>, to name in a search.</summary>
public static class LightGbm
{
    /// <summary>See <see cref="LightGbmOptions.Trees"/>.</summary>
    public static IntegerHyperparameter Trees { get; } = Of<IntegerHyperparameter>(nameof(LightGbmOptions.Trees));

    /// <summary>See <see cref="LightGbmOptions.Booster"/>.</summary>
    public static ChoiceHyperparameter Booster { get; } = Of<ChoiceHyperparameter>(nameof(LightGbmOptions.Booster));

    /// <summary>See <see cref="LightGbmOptions.LearningRate"/>.</summary>
    public static NumberHyperparameter LearningRate { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.LearningRate));

    /// <summary>See <see cref="LightGbmOptions.Leaves"/>.</summary>
    public static IntegerHyperparameter Leaves { get; } = Of<IntegerHyperparameter>(nameof(LightGbmOptions.Leaves));

    /// <summary>See <see cref="LightGbmOptions.MaxDepth"/>.</summary>
    public static IntegerHyperparameter MaxDepth { get; } = Of<IntegerHyperparameter>(nameof(LightGbmOptions.MaxDepth));

    /// <summary>See <see cref="LightGbmOptions.MinLeafRows"/>.</summary>
    public static IntegerHyperparameter MinLeafRows { get; } = Of<IntegerHyperparameter>(nameof(LightGbmOptions.MinLeafRows));

    /// <summary>See <see cref="LightGbmOptions.MinLeafWeight"/>.</summary>
    public static NumberHyperparameter MinLeafWeight { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.MinLeafWeight));

    /// <summary>See <see cref="LightGbmOptions.MinGain"/>.</summary>
    public static NumberHyperparameter MinGain { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.MinGain));

    /// <summary>See <see cref="LightGbmOptions.MaxBins"/>.</summary>
    public static IntegerHyperparameter MaxBins { get; } = Of<IntegerHyperparameter>(nameof(LightGbmOptions.MaxBins));

    /// <summary>See <see cref="LightGbmOptions.L1"/>.</summary>
    public static NumberHyperparameter L1 { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.L1));

    /// <summary>See <see cref="LightGbmOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.L2));

    /// <summary>See <see cref="LightGbmOptions.RowFraction"/>.</summary>
    public static NumberHyperparameter RowFraction { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.RowFraction));

    /// <summary>See <see cref="LightGbmOptions.FeatureFraction"/>.</summary>
    public static NumberHyperparameter FeatureFraction { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.FeatureFraction));

    /// <summary>See <see cref="LightGbmOptions.DropFraction"/>.</summary>
    public static NumberHyperparameter DropFraction { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.DropFraction));

    /// <summary>See <see cref="LightGbmOptions.CategoricalSplits"/>.</summary>
    public static BooleanHyperparameter CategoricalSplits { get; } = Of<BooleanHyperparameter>(nameof(LightGbmOptions.CategoricalSplits));

    /// <summary>See <see cref="LightGbmOptions.MinLevelRows"/>.</summary>
    public static IntegerHyperparameter MinLevelRows { get; } = Of<IntegerHyperparameter>(nameof(LightGbmOptions.MinLevelRows));

    /// <summary>See <see cref="LightGbmOptions.LevelSmoothing"/>.</summary>
    public static NumberHyperparameter LevelSmoothing { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.LevelSmoothing));

    /// <summary>See <see cref="LightGbmOptions.LevelL2"/>.</summary>
    public static NumberHyperparameter LevelL2 { get; } = Of<NumberHyperparameter>(nameof(LightGbmOptions.LevelL2));

    /// <summary>See <see cref="LightGbmOptions.UnbalancedSets"/>.</summary>
    public static BooleanHyperparameter UnbalancedSets { get; } = Of<BooleanHyperparameter>(nameof(LightGbmOptions.UnbalancedSets));

    /// <summary>See <see cref="LightGbmOptions.Patience"/>.</summary>
    public static IntegerHyperparameter Patience { get; } = Of<IntegerHyperparameter>(nameof(LightGbmOptions.Patience));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, LightGbmOptions>(property);
}
