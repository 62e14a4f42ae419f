using System.Numerics;
using System.Runtime.Intrinsics;

namespace MlOps.Sdk.Training;

/// <summary>
/// Scores one row in all trees at once, after QuickScorer (Lucchese et al. 2015): every leaf of a tree is a bit, and a node that sends the
/// row right clears the leaves on its left; the lowest bit that remains is the row's leaf. What all nodes of a feature clear depends only
/// on the interval between thresholds that the value lies in, so it is tabulated: a row takes one line of masks per feature and joins them
/// by AND. A set of features of which any sends the row right is a split per feature that clears the same leaves. Immutable and
/// thread-safe.
/// </summary>
internal sealed class LeafMasks
{
    private const int MostLeaves = 32;
    private const int MostFeatures = 1024;

    /// <summary>A larger table would be read from memory rather than from a cache, and walking the trees be as fast.</summary>
    private const int MostBytes = 4 << 20;

    private static readonly int Lanes = Vector256<float>.Count;

    /// <summary>A line is a whole number of pairs of vectors: 16 trees.</summary>
    private const int LineStep = 16;

    private readonly Feature[] _features;
    private readonly float[] _thresholds;
    private readonly uint[] _table;
    private readonly double[] _values;
    private readonly int[] _outputs;
    private readonly int _line;

    private LeafMasks(Feature[] features, float[] thresholds, uint[] table, double[] values, int[] outputs, int line)
    {
        _features = features;
        _thresholds = thresholds;
        _table = table;
        _values = values;
        _outputs = outputs;
        _line = line;
    }

    /// <summary>Tabulates trees; <see langword="null"/> when they have too many leaves, features or thresholds for it.</summary>
    /// <param name="nodes">The nodes of all trees.</param>
    /// <param name="values">What each node adds when it is a leaf.</param>
    /// <param name="roots">Where each tree begins.</param>
    /// <param name="outputs">The output of each tree.</param>
    /// <param name="sets">The features of all sets, each run after its length.</param>
    public static LeafMasks? Create(
        ReadOnlySpan<TreeNode> nodes, ReadOnlySpan<double> values, ReadOnlySpan<int> roots, int[] outputs, ReadOnlySpan<int> sets)
    {
        var splits = new List<(int Slot, float Threshold, bool MissingRight, int Tree, uint Mask)>();
        var leafValues = new double[roots.Length * MostLeaves];
        for (var tree = 0; tree < roots.Length; tree++)
        {
            var leaves = 0;
            var ofTree = leafValues.AsSpan(tree * MostLeaves, MostLeaves);
            if (!Number(nodes, values, sets, roots[tree], tree, depth: 0, ref leaves, ofTree, splits)) return null;
        }

        var line = (roots.Length + LineStep - 1) / LineStep * LineStep;
        var features = new List<Feature>();
        var thresholds = new List<float>();
        var lines = 0;
        var bySlot = splits.GroupBy(split => split.Slot).OrderBy(group => group.Key).ToArray();
        if (bySlot.Length > MostFeatures) return null;
        foreach (var ofSlot in bySlot)
        {
            var own = ofSlot.Select(split => split.Threshold).Where(threshold => !float.IsNaN(threshold)).Distinct().Order().ToArray();
            // Filled up with NaN, which no value reaches.
            var padded = (own.Length + Lanes - 1) / Lanes * Lanes;
            features.Add(new Feature(ofSlot.Key, thresholds.Count, padded, lines * line, (lines + own.Length + 1) * line));
            thresholds.AddRange(own);
            thresholds.AddRange(Enumerable.Repeat(float.NaN, padded - own.Length));
            lines += own.Length + 2;
        }

        if ((long)lines * line * sizeof(uint) > MostBytes) return null;
        var table = new uint[lines * line];
        Array.Fill(table, uint.MaxValue);
        for (var f = 0; f < bySlot.Length; f++)
        {
            var feature = features[f];
            foreach (var (_, threshold, missingRight, tree, mask) in bySlot[f])
            {
                if (missingRight) table[feature.Missing + tree] &= mask;
                if (float.IsNaN(threshold)) continue;
                for (var i = feature.Thresholds; i < feature.Thresholds + feature.ThresholdCount && !float.IsNaN(thresholds[i]); i++)
                {
                    if (thresholds[i] >= threshold) table[feature.Lines + (i - feature.Thresholds + 1) * line + tree] &= mask;
                }
            }
        }

        return new LeafMasks([.. features], [.. thresholds], table, leafValues, outputs, line);
    }

    /// <summary>Adds all trees to the scores of one row, tree after tree: the same sums as walking.</summary>
    public unsafe void Score(ReadOnlySpan<float> row, Span<double> scores)
    {
        var lines = stackalloc int[_features.Length];
        fixed (uint* table = _table)
        fixed (double* values = _values)
        fixed (float* thresholds = _thresholds)
        fixed (int* outputs = _outputs)
        {
            var taken = 0;
            foreach (ref readonly var feature in _features.AsSpan())
            {
                var value = row[feature.Slot];
                var x = Vector256.Create(value);
                var reached = 0;
                for (var i = 0; i < feature.ThresholdCount; i += Vector256<float>.Count)
                {
                    reached += BitOperations.PopCount(
                        Vector256.GreaterThanOrEqual(x, Vector256.Load(thresholds + feature.Thresholds + i)).ExtractMostSignificantBits());
                }

                // A line that clears nothing is written and then overwritten, which is cheaper than to guess.
                var clears = reached > 0 | float.IsNaN(value);
                lines[taken] = float.IsNaN(value) ? feature.Missing : feature.Lines + reached * _line;
                taken += clears ? 1 : 0;
            }

            var sum = scores[0];
            var masks = stackalloc uint[LineStep];
            for (var first = 0; first < _outputs.Length; first += LineStep)
            {
                var low = Vector256<uint>.AllBitsSet;
                var high = Vector256<uint>.AllBitsSet;
                for (var i = 0; i < taken; i++)
                {
                    var line = table + lines[i] + first;
                    low &= Vector256.Load(line);
                    high &= Vector256.Load(line + Vector256<uint>.Count);
                }

                low.Store(masks);
                high.Store(masks + Vector256<uint>.Count);
                var count = Math.Min(LineStep, _outputs.Length - first);
                var leaves = values + first * MostLeaves;
                if (scores.Length == 1)
                {
                    for (var tree = 0; tree < count; tree++)
                    {
                        sum += leaves[tree * MostLeaves + BitOperations.TrailingZeroCount(masks[tree])];
                    }
                    continue;
                }

                for (var tree = 0; tree < count; tree++)
                {
                    scores[outputs[first + tree]] += leaves[tree * MostLeaves + BitOperations.TrailingZeroCount(masks[tree])];
                }
            }

            if (scores.Length == 1) scores[0] = sum;
        }
    }

    /// <summary>
    /// Gives the leaves below a node their bits from left to right, and every split the mask that clears those on its left.
    /// </summary>
    private static bool Number(
        ReadOnlySpan<TreeNode> nodes,
        ReadOnlySpan<double> values,
        ReadOnlySpan<int> sets,
        int at,
        int tree,
        int depth,
        ref int leaves,
        Span<double> leafValues,
        List<(int Slot, float Threshold, bool MissingRight, int Tree, uint Mask)> splits)
    {
        var node = nodes[at];
        if (node.Left == at)
        {
            if (leaves == MostLeaves) return false;
            leafValues[leaves++] = values[at];
            return true;
        }

        // So deep a tree has too many leaves; it may come from a damaged package, and must not exhaust the stack.
        if (depth == MostLeaves) return false;
        var first = leaves;
        if (!Number(nodes, values, sets, node.Left, tree, depth + 1, ref leaves, leafValues, splits)) return false;
        var mask = ~(uint)((1UL << leaves) - (1UL << first));
        if (node.MissingRight != TreeNode.Set)
        {
            splits.Add((node.Slot, node.Threshold, node.MissingRight == 1, tree, mask));
        }
        else
        {
            foreach (var slot in sets.Slice(node.Slot + 1, sets[node.Slot]))
            {
                splits.Add((slot, float.Epsilon, MissingRight: false, tree, mask));
            }
        }

        return Number(nodes, values, sets, node.Left + 1, tree, depth + 1, ref leaves, leafValues, splits);
    }

    /// <summary>A feature that some tree reads.</summary>
    /// <param name="Slot">Its place in the row.</param>
    /// <param name="Thresholds">Where its thresholds begin.</param>
    /// <param name="ThresholdCount">How many there are, filled up to whole vectors.</param>
    /// <param name="Lines">Where its lines begin in the table: one for values below all thresholds, then one per threshold.</param>
    /// <param name="Missing">Where the line of a missing value begins.</param>
    private readonly record struct Feature(int Slot, int Thresholds, int ThresholdCount, int Lines, int Missing);
}
