using System.ComponentModel.DataAnnotations;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>The settings of <c>MicrosoftML.LightGbm</c>. Each is a hyperparameter under its name with a small first letter.</summary>
public sealed class LightGbmOptions
{
    /// <summary>Rounds at most, a tree per class each. Default: 100.</summary>
    [Range(1, 10_000)]
    public int Trees { get; set; } = 100;

    /// <summary>How trees are boosted: <c>gbdt</c>, <c>dart</c> or <c>goss</c>. Default: <see cref="LightGbmBooster.Gbdt"/>.</summary>
    public LightGbmBooster Booster { get; set; }

    /// <summary>What part of a tree's step is taken. Default: 0.1.</summary>
    [Range(1e-4, 1.0)]
    public double LearningRate { get; set; } = 0.1;

    /// <summary>Leaves of a tree at most. Default: 31.</summary>
    [Range(2, 4096)]
    public int Leaves { get; set; } = 31;

    /// <summary>Splits from the root to a leaf at most; 0 for no bound. Default: 0.</summary>
    [Range(0, 64)]
    public int MaxDepth { get; set; }

    /// <summary>Rows of a leaf at least. Default: 20.</summary>
    [Range(1, 1_000_000)]
    public int MinLeafRows { get; set; } = 20;

    /// <summary>The sum of second derivatives of a leaf at least. Default: 0.001.</summary>
    [Range(0.0, 1e6)]
    public double MinLeafWeight { get; set; } = 1e-3;

    /// <summary>How far a split must lower the loss. Default: 0.</summary>
    [Range(0.0, 1e9)]
    public double MinGain { get; set; }

    /// <summary>Bins of a feature at most. Default: 255.</summary>
    [Range(2, 4095)]
    public int MaxBins { get; set; } = 255;

    /// <summary>Penalty on the sizes of leaf values. Default: 0.</summary>
    [Range(0.0, 1e6)]
    public double L1 { get; set; }

    /// <summary>Penalty on the squares of leaf values. Default: 0.01.</summary>
    [Range(0.0, 1e6)]
    public double L2 { get; set; } = 0.01;

    /// <summary>Part of the rows drawn for each round; not used by <c>goss</c>. Default: 1.</summary>
    [Range(0.01, 1.0)]
    public double RowFraction { get; set; } = 1;

    /// <summary>Part of the features drawn for each tree. Default: 1.</summary>
    [Range(0.01, 1.0)]
    public double FeatureFraction { get; set; } = 1;

    /// <summary>Part of the trees that <c>dart</c> leaves aside. Default: 0.1.</summary>
    [Range(0.01, 0.99)]
    public double DropFraction { get; set; } = 0.1;

    /// <summary>Whether a split may test any set of a column's levels, rather than one of them. Default: yes.</summary>
    public bool CategoricalSplits { get; set; } = true;

    /// <summary>Rows of a set of levels at least. Default: 100.</summary>
    [Range(1, 1_000_000)]
    public int MinLevelRows { get; set; } = 100;

    /// <summary>How strongly levels of few rows are drawn to the mean. Default: 10.</summary>
    [Range(0.0, 1e6)]
    public double LevelSmoothing { get; set; } = 10;

    /// <summary>Penalty on the squares of leaf values below a split by levels. Default: 10.</summary>
    [Range(0.0, 1e6)]
    public double LevelL2 { get; set; } = 10;

    /// <summary>Whether classes are weighed alike, for two classes. Probabilities lean toward the rare class. Default: no.</summary>
    public bool UnbalancedSets { get; set; }

    /// <summary>
    /// Rounds without a lower loss on the validation rows after which training stops; the trees after the best round are dropped. Has no
    /// effect without <see cref="TrainingBuilder.StopEarly"/>, and for <c>dart</c>. Default: 10.
    /// </summary>
    [Range(1, 10_000)]
    public int Patience { get; set; } = 10;
}
