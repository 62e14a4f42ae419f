using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The settings of <see cref="MicrosoftML.FastTree"/>. Each is a hyperparameter under its name with a small first letter.
/// </summary>
public sealed class FastTreeOptions
{
    /// <summary>Trees at most. Default: 100.</summary>
    [Range(1, 10_000)]
    public int Trees { get; set; } = 100;

    /// <summary>Leaves of a tree at most. Default: 20.</summary>
    [Range(2, 4096)]
    public int Leaves { get; set; } = 20;

    /// <summary>Rows of a leaf at least. Default: 10.</summary>
    [Range(1, 1_000_000)]
    public int MinLeafRows { get; set; } = 10;

    /// <summary>What part of a tree's step is taken. Default: 0.2.</summary>
    [Range(1e-4, 1.0)]
    public double LearningRate { get; set; } = 0.2;

    /// <summary>Bins of a feature at most. Default: 255.</summary>
    [Range(2, 4095)]
    public int MaxBins { get; set; } = 255;

    /// <summary>Part of the rows drawn for each tree. Default: 1.</summary>
    [Range(0.01, 1.0)]
    public double RowFraction { get; set; } = 1;

    /// <summary>Part of the features drawn for each tree. Default: 1.</summary>
    [Range(0.01, 1.0)]
    public double FeatureFraction { get; set; } = 1;

    /// <summary>Part of the features drawn for each split. Default: 1.</summary>
    [Range(0.01, 1.0)]
    public double SplitFeatureFraction { get; set; } = 1;

    /// <summary>Part of the trees that a round leaves aside (Rashmi and Gilad-Bachrach 2015). Default: 0.</summary>
    [Range(0.0, 0.99)]
    public double DropoutRate { get; set; }

    /// <summary>Whether a split may test any set of a column's levels, rather than one of them. Default: yes.</summary>
    public bool CategoricalSplits { get; set; } = true;

    /// <summary>
    /// Whether the two classes are weighed alike, for classification. Probabilities lean toward the rare class. Default: no.
    /// </summary>
    public bool UnbalancedSets { get; set; }
}
