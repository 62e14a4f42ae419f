using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Training;

/// <summary>
/// A question that a tree asks. Its children are splits of the same tree (their numbers, from 0) or leaves (the complement <c>~n</c> of
/// their numbers: −1 is leaf 0, −2 leaf 1).
/// </summary>
public readonly record struct TreeSplit
{
    private TreeSplit(int feature, float threshold, IReadOnlyList<int>? slots, int left, int right, bool missingRight)
    {
        Feature = feature;
        Threshold = threshold;
        Slots = slots;
        Left = left;
        Right = right;
        MissingRight = missingRight;
    }

    /// <summary>The feature that is tested, from 0; −1 when <see cref="Slots"/> are tested.</summary>
    public int Feature { get; }

    /// <summary>Values below it go left, others right; NaN when no value goes right, or <see cref="Slots"/> are tested.</summary>
    public float Threshold { get; }

    /// <summary>The features of which any must be above 0 to go right; <see langword="null"/> when a single value is compared.</summary>
    public IReadOnlyList<int>? Slots { get; }

    /// <summary>The left child.</summary>
    public int Left { get; }

    /// <summary>The right child.</summary>
    public int Right { get; }

    /// <summary>Whether a missing value (NaN) goes right.</summary>
    public bool MissingRight { get; }

    /// <summary>Goes left when the value is below the threshold, right when it is equal or above.</summary>
    /// <remarks>A library that goes left when <c>x &lt;= t</c> has the threshold <c>float.BitIncrement(t)</c> here.</remarks>
    /// <param name="feature">The feature, from 0.</param>
    /// <param name="threshold">The least value that goes right. Not NaN.</param>
    /// <param name="left">The left child: a split, or the complement of a leaf.</param>
    /// <param name="right">The right child: a split, or the complement of a leaf.</param>
    /// <param name="missingRight">Whether a missing value goes right.</param>
    /// <exception cref="MlOpsException">The threshold is NaN.</exception>
    public static TreeSplit Below(int feature, float threshold, int left, int right, bool missingRight = false) =>
        float.IsNaN(threshold)
            ? throw new ImpossibleModelException(
                $"A split of feature {feature} has a threshold that is not a number.",
                "Use TreeSplit.Missing for a split that only tests whether the value is missing.")
            : new TreeSplit(feature, threshold, null, left, right, missingRight);

    /// <summary>Goes right when the value is missing, left otherwise.</summary>
    /// <param name="feature">The feature, from 0.</param>
    /// <param name="left">The left child: a split, or the complement of a leaf.</param>
    /// <param name="right">The right child: a split, or the complement of a leaf.</param>
    public static TreeSplit Missing(int feature, int left, int right) => new(feature, float.NaN, null, left, right, missingRight: true);

    /// <summary>
    /// Goes right when the value of any of the features is above 0: a categorical split over one-hot encoded features. A missing value is
    /// not above 0.
    /// </summary>
    /// <param name="slots">The features, from 0; one at least, each once. Not changed afterwards.</param>
    /// <param name="left">The left child: a split, or the complement of a leaf.</param>
    /// <param name="right">The right child: a split, or the complement of a leaf.</param>
    public static TreeSplit AnyOf(IReadOnlyList<int> slots, int left, int right)
    {
        ArgumentNullException.ThrowIfNull(slots);
        return new TreeSplit(-1, float.NaN, slots, left, right, missingRight: false);
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
