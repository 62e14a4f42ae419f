using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MlOps.Sdk.Training;

/// <summary>Leaf masks of one size: 32 bits for trees of up to 32 leaves, 64 bits for twice as many.</summary>
/// <typeparam name="TMask">A bit per leaf.</typeparam>
internal sealed class LeafMasks<TMask> : LeafMasks
    where TMask : unmanaged, IBinaryInteger<TMask>, IUnsignedNumber<TMask>
{
    private static readonly int MostLeaves = 8 * Unsafe.SizeOf<TMask>();

    private readonly Feature[] _features;
    private readonly float[] _thresholds;
    private readonly TMask[] _table;
    private readonly double[] _values;
    private readonly int[] _outputs;
    private readonly int _line;

    private LeafMasks(Feature[] features, float[] thresholds, TMask[] table, double[] values, int[] outputs, int line)
    {
        _features = features;
        _thresholds = thresholds;
        _table = table;
        _values = values;
        _outputs = outputs;
        _line = line;
    }

    /// <inheritdoc cref="LeafMasks.Create"/>
    public static LeafMasks<TMask>? TryCreate(
        ReadOnlySpan<TreeNode> nodes, ReadOnlySpan<double> values, ReadOnlySpan<int> roots, int[] outputs, ReadOnlySpan<int> sets)
    {
        var splits = new List<(int Slot, float Threshold, bool MissingRight, int Tree, TMask Mask)>();
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

        if ((long)lines * line * Unsafe.SizeOf<TMask>() > MostBytes) return null;
        var table = new TMask[lines * line];
        Array.Fill(table, ~TMask.Zero);
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

        return new LeafMasks<TMask>([.. features], [.. thresholds], table, leafValues, outputs, line);
    }

    public override unsafe void Score(ReadOnlySpan<float> row, Span<double> scores)
    {
        var lines = stackalloc int[_features.Length];
        fixed (TMask* table = _table)
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
            var masks = stackalloc TMask[LineStep];
            for (var first = 0; first < _outputs.Length; first += LineStep)
            {
                // Two vectors of 32 bits a leaf mask, or four of 64: which, is known when this is compiled.
                var (a, b) = (Vector256<TMask>.AllBitsSet, Vector256<TMask>.AllBitsSet);
                var (c, d) = (a, b);
                for (var i = 0; i < taken; i++)
                {
                    var line = table + lines[i] + first;
                    a &= Vector256.Load(line);
                    b &= Vector256.Load(line + Vector256<TMask>.Count);
                    if (Vector256<TMask>.Count == LineStep / 2) continue;
                    c &= Vector256.Load(line + 2 * Vector256<TMask>.Count);
                    d &= Vector256.Load(line + 3 * Vector256<TMask>.Count);
                }

                a.Store(masks);
                b.Store(masks + Vector256<TMask>.Count);
                if (Vector256<TMask>.Count < LineStep / 2)
                {
                    c.Store(masks + 2 * Vector256<TMask>.Count);
                    d.Store(masks + 3 * Vector256<TMask>.Count);
                }

                var count = Math.Min(LineStep, _outputs.Length - first);
                var leaves = values + first * MostLeaves;
                if (scores.Length == 1)
                {
                    for (var tree = 0; tree < count; tree++)
                    {
                        sum += leaves[tree * MostLeaves + Lowest(masks[tree])];
                    }
                    continue;
                }

                for (var tree = 0; tree < count; tree++)
                {
                    scores[outputs[first + tree]] += leaves[tree * MostLeaves + Lowest(masks[tree])];
                }
            }

            if (scores.Length == 1) scores[0] = sum;
        }
    }

    private static int Lowest(TMask mask) => int.CreateTruncating(TMask.TrailingZeroCount(mask));

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
        List<(int Slot, float Threshold, bool MissingRight, int Tree, TMask Mask)> splits)
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
        var mask = ~TMask.CreateTruncating(((UInt128.One << leaves) - (UInt128.One << first)));
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
