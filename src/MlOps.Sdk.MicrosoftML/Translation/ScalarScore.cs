using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>One raw score as the library computes it, in parts that the core can compute with.</summary>
internal abstract record ScalarScore
{
    /// <summary>From the raw score to a probability; <see langword="null"/> when the model has none.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Whether the score is the exponential of the sum.</summary>
    public bool IsExponential { get; init; }

    /// <summary>What the sum is divided by.</summary>
    public int Divisor { get; init; } = 1;

    /// <summary>Whether nothing was learned at all, so that every row is answered with 0.</summary>
    public virtual bool IsEmpty => false;

    /// <summary>How close the core comes.</summary>
    public abstract TranslationExactness Exactness { get; }

    /// <summary>What it consists of, for people.</summary>
    public abstract string Parts { get; }

    /// <summary>Values of features at which the score changes.</summary>
    public abstract IEnumerable<(int Feature, float Value)> Edges { get; }

    /// <summary>
    /// How far the library's sum, of single precision and in its own order, may be from the exact one; 0 when it is the same sum.
    /// </summary>
    public abstract double RoundingError(ReadOnlySpan<float> row);

    /// <summary>The sum that the core computes, before division and exponential; only for those that round.</summary>
    public abstract double Sum(ReadOnlySpan<float> row);

    /// <summary>The feature vector must be long enough for everything that is read.</summary>
    public abstract int LeastWidth { get; }

    /// <summary>Builds the model of one score per output, all of this kind.</summary>
    public abstract IModel Build(ModelSignature signature, IReadOnlyList<ScalarScore> outputs, ScoreLink link);
}
