using System.Runtime.Intrinsics;

namespace MlOps.Sdk.Training;

/// <summary>
/// Scores one row in all trees at once, after QuickScorer (Lucchese et al. 2015): every leaf of a tree is a bit, and a node that sends the
/// row right clears the leaves on its left; the lowest bit that remains is the row's leaf. What all nodes of a feature clear depends only
/// on the interval between thresholds that the value lies in, so it is tabulated: a row takes one line of masks per feature and joins them
/// by AND. A set of features of which any sends the row right is a split per feature that clears the same leaves. Immutable and
/// thread-safe.
/// </summary>
internal abstract class LeafMasks
{
    private protected const int MostFeatures = 1024;

    /// <summary>A larger table would be read from memory rather than from a cache, and walking the trees be as fast.</summary>
    private protected const int MostBytes = 4 << 20;

    /// <summary>A line is a whole number of steps, and a step of vectors: 16 trees.</summary>
    private protected const int LineStep = 16;

    private protected static readonly int Lanes = Vector256<float>.Count;

    /// <summary>Tabulates trees; <see langword="null"/> when they have too many leaves, features or thresholds for it.</summary>
    /// <param name="nodes">The nodes of all trees.</param>
    /// <param name="values">What each node adds when it is a leaf.</param>
    /// <param name="roots">Where each tree begins.</param>
    /// <param name="outputs">The output of each tree.</param>
    /// <param name="sets">The features of all sets, each run after its length.</param>
    public static LeafMasks? Create(
        ReadOnlySpan<TreeNode> nodes, ReadOnlySpan<double> values, ReadOnlySpan<int> roots, int[] outputs, ReadOnlySpan<int> sets) =>
        (LeafMasks?)LeafMasks<uint>.TryCreate(nodes, values, roots, outputs, sets)
        ?? LeafMasks<ulong>.TryCreate(nodes, values, roots, outputs, sets);

    /// <summary>Adds all trees to the scores of one row, tree after tree: the same sums as walking.</summary>
    public abstract void Score(ReadOnlySpan<float> row, Span<double> scores);
}
