using MlOps.Sdk.MLNet;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The hyperparameters of <see cref="MicrosoftML.FastTree"/>, to name in a search.</summary>
public static class FastTree
{
    /// <summary>See <see cref="FastTreeOptions.Trees"/>.</summary>
    public static IntegerHyperparameter Trees { get; } = Of<IntegerHyperparameter>(nameof(FastTreeOptions.Trees));

    /// <summary>See <see cref="FastTreeOptions.Leaves"/>.</summary>
    public static IntegerHyperparameter Leaves { get; } = Of<IntegerHyperparameter>(nameof(FastTreeOptions.Leaves));

    /// <summary>See <see cref="FastTreeOptions.MinLeafRows"/>.</summary>
    public static IntegerHyperparameter MinLeafRows { get; } = Of<IntegerHyperparameter>(nameof(FastTreeOptions.MinLeafRows));

    /// <summary>See <see cref="FastTreeOptions.LearningRate"/>.</summary>
    public static NumberHyperparameter LearningRate { get; } = Of<NumberHyperparameter>(nameof(FastTreeOptions.LearningRate));

    /// <summary>See <see cref="FastTreeOptions.MaxBins"/>.</summary>
    public static IntegerHyperparameter MaxBins { get; } = Of<IntegerHyperparameter>(nameof(FastTreeOptions.MaxBins));

    /// <summary>See <see cref="FastTreeOptions.RowFraction"/>.</summary>
    public static NumberHyperparameter RowFraction { get; } = Of<NumberHyperparameter>(nameof(FastTreeOptions.RowFraction));

    /// <summary>See <see cref="FastTreeOptions.FeatureFraction"/>.</summary>
    public static NumberHyperparameter FeatureFraction { get; } = Of<NumberHyperparameter>(nameof(FastTreeOptions.FeatureFraction));

    /// <summary>See <see cref="FastTreeOptions.SplitFeatureFraction"/>.</summary>
    public static NumberHyperparameter SplitFeatureFraction { get; } =
        Of<NumberHyperparameter>(nameof(FastTreeOptions.SplitFeatureFraction));

    /// <summary>See <see cref="FastTreeOptions.DropoutRate"/>.</summary>
    public static NumberHyperparameter DropoutRate { get; } = Of<NumberHyperparameter>(nameof(FastTreeOptions.DropoutRate));

    /// <summary>See <see cref="FastTreeOptions.CategoricalSplits"/>.</summary>
    public static BooleanHyperparameter CategoricalSplits { get; } = Of<BooleanHyperparameter>(nameof(FastTreeOptions.CategoricalSplits));

    /// <summary>See <see cref="FastTreeOptions.UnbalancedSets"/>.</summary>
    public static BooleanHyperparameter UnbalancedSets { get; } = Of<BooleanHyperparameter>(nameof(FastTreeOptions.UnbalancedSets));

    private static T Of<T>(string property)
        where T : Hyperparameter => Hyperparameter.Of<T, FastTreeOptions>(property);
}
