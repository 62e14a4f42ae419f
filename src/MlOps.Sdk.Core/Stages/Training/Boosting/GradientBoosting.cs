using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="Trainers.GradientBoosting"/>, to name in a search.</summary>
public static class GradientBoosting
{
    /// <summary>See <see cref="GradientBoostingOptions.Trees"/>.</summary>
    public static IntegerHyperparameter Trees { get; } = Of<IntegerHyperparameter>(nameof(GradientBoostingOptions.Trees));

    /// <summary>See <see cref="GradientBoostingOptions.LearningRate"/>.</summary>
    public static NumberHyperparameter LearningRate { get; } = Of<NumberHyperparameter>(nameof(GradientBoostingOptions.LearningRate));

    /// <summary>See <see cref="GradientBoostingOptions.Leaves"/>.</summary>
    public static IntegerHyperparameter Leaves { get; } = Of<IntegerHyperparameter>(nameof(GradientBoostingOptions.Leaves));

    /// <summary>See <see cref="GradientBoostingOptions.MinLeafRows"/>.</summary>
    public static IntegerHyperparameter MinLeafRows { get; } = Of<IntegerHyperparameter>(nameof(GradientBoostingOptions.MinLeafRows));

    /// <summary>See <see cref="GradientBoostingOptions.L2"/>.</summary>
    public static NumberHyperparameter L2 { get; } = Of<NumberHyperparameter>(nameof(GradientBoostingOptions.L2));

    /// <summary>See <see cref="GradientBoostingOptions.MaxBins"/>.</summary>
    public static IntegerHyperparameter MaxBins { get; } = Of<IntegerHyperparameter>(nameof(GradientBoostingOptions.MaxBins));

    /// <summary>See <see cref="GradientBoostingOptions.RowFraction"/>.</summary>
    public static NumberHyperparameter RowFraction { get; } = Of<NumberHyperparameter>(nameof(GradientBoostingOptions.RowFraction));

    /// <summary>See <see cref="GradientBoostingOptions.FeatureFraction"/>.</summary>
    public static NumberHyperparameter FeatureFraction { get; } = Of<NumberHyperparameter>(nameof(GradientBoostingOptions.FeatureFraction));

    /// <summary>See <see cref="GradientBoostingOptions.MinGain"/>.</summary>
    public static NumberHyperparameter MinGain { get; } = Of<NumberHyperparameter>(nameof(GradientBoostingOptions.MinGain));

    /// <summary>See <see cref="GradientBoostingOptions.MaxDepth"/>.</summary>
    public static IntegerHyperparameter MaxDepth { get; } = Of<IntegerHyperparameter>(nameof(GradientBoostingOptions.MaxDepth));

    /// <summary>See <see cref="GradientBoostingOptions.Patience"/>.</summary>
    public static IntegerHyperparameter Patience { get; } = Of<IntegerHyperparameter>(nameof(GradientBoostingOptions.Patience));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, GradientBoostingOptions>(property);
}
