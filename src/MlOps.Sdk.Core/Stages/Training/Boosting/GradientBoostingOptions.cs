using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.Training;

/// <summary>
/// The settings of <see cref="Trainers.GradientBoosting"/>. Each is a hyperparameter under its name with a small first letter.
/// </summary>
public sealed class GradientBoostingOptions
{
    /// <summary>Rounds at most, a tree per class each. Default: 100.</summary>
    [Range(1, 10_000)]
    public int Trees { get; set; } = 100;

    /// <summary>What part of a tree's step is taken. Default: 0.1.</summary>
    [Range(1e-4, 1.0)]
    public double LearningRate { get; set; } = 0.1;

    /// <summary>Leaves of a tree at most. Default: 31.</summary>
    [Range(2, 4096)]
    public int Leaves { get; set; } = 31;

    /// <summary>Rows of a leaf at least. Default: 20.</summary>
    [Range(1, 1_000_000)]
    public int MinLeafRows { get; set; } = 20;

    /// <summary>Penalty on leaf values. Default: 1.</summary>
    [Range(0.0, 1e6)]
    public double L2 { get; set; } = 1;

    /// <summary>Bins of a feature at most. Default: 255.</summary>
    [Range(2, 255)]
    public int MaxBins { get; set; } = 255;

    /// <summary>Part of the rows drawn for each round. Default: 1.</summary>
    [Range(0.01, 1.0)]
    public double RowFraction { get; set; } = 1;

    /// <summary>Part of the features drawn for each tree. Default: 1.</summary>
    [Range(0.01, 1.0)]
    public double FeatureFraction { get; set; } = 1;

    /// <summary>How far a split must lower the loss, without the factor ½. Default: 0.</summary>
    [Range(0.0, 1e9)]
    public double MinGain { get; set; }

    /// <summary>Splits from the root to a leaf at most; 0 for no bound. Default: 0.</summary>
    [Range(0, 64)]
    public int MaxDepth { get; set; }

    /// <summary>
    /// Rounds without a lower loss on the validation rows after which training stops; the trees after the best round are dropped. Has no
    /// effect without <see cref="TrainingBuilder.StopEarly"/>. Default: 10.
    /// </summary>
    [Range(1, 10_000)]
    public int Patience { get; set; } = 10;
}
