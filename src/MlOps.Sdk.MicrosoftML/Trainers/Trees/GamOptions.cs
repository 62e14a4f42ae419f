using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.MLNet;

/// <summary>The settings of <see cref="MicrosoftML.Gam"/>. Each is a hyperparameter under its name with a small first letter.</summary>
public sealed class GamOptions
{
    /// <summary>Rounds at most, a step per feature each. Default: 9,500.</summary>
    [Range(1, 1_000_000)]
    public int Iterations { get; set; } = 9500;

    /// <summary>What part of a round's step is taken. Default: 0.002.</summary>
    [Range(1e-5, 1.0)]
    public double LearningRate { get; set; } = 0.002;

    /// <summary>Bins of a feature at most. Default: 255.</summary>
    [Range(2, 4095)]
    public int MaxBins { get; set; } = 255;

    /// <summary>Rows on either side of a step at least. Default: 10.</summary>
    [Range(1, 1_000_000)]
    public int MinLeafRows { get; set; } = 10;

    /// <summary>
    /// Whether the two classes are weighed alike, for classification. Probabilities lean toward the rare class. Default: no.
    /// </summary>
    public bool UnbalancedSets { get; set; }
}
