namespace MlOps.Sdk.Training;

/// <summary>The trees of a model in flat arrays. Immutable and thread-safe.</summary>
internal sealed class TreeEnsemble
{
    private const int Lanes = 4;

    private readonly TreeNode[] _nodes;
    private readonly double[] _values;
    private readonly int[] _roots;
    private readonly double[] _baseScores;

    /// <summary>Creates an ensemble from arrays that were checked.</summary>
    /// <param name="nodes">The nodes of all trees.</param>
    /// <param name="values">What each node adds when it is a leaf.</param>
    /// <param name="roots">Where each tree begins; tree t belongs to output t modulo outputs.</param>
    /// <param name="baseScores">The raw score per output before any tree.</param>
    public TreeEnsemble(TreeNode[] nodes, double[] values, int[] roots, double[] baseScores)
    {
        _nodes = nodes;
        _values = values;
        _roots = roots;
        _baseScores = baseScores;
    }

    public ReadOnlySpan<TreeNode> Nodes => _nodes;

    public ReadOnlySpan<double> Values => _values;

    public ReadOnlySpan<int> Roots => _roots;

    public ReadOnlySpan<double> BaseScores => _baseScores;

    /// <summary>Flattens grown trees.</summary>
    public static TreeEnsemble Create(IReadOnlyList<GrownTree> trees, float[][] edges, double[] baseScores)
    {
        var nodes = new TreeNode[trees.Sum(tree => tree.Nodes.Count)];
        var values = new double[nodes.Length];
        var roots = new int[trees.Count];
        var at = 0;
        for (var t = 0; t < roots.Length; t++)
        {
            roots[t] = at;
            foreach (var node in trees[t].Nodes)
            {
                values[at] = node.Value;
                // The last bin has no upper edge: all values go left, and only missing ones right.
                nodes[at] = node.IsLeaf
                    ? LeafAt(at)
                    : new TreeNode(node.Bin <= edges[node.Slot].Length ? edges[node.Slot][node.Bin - 1] : float.NaN, node.Slot, roots[t] + node.Left, node.MissingLeft ? 0 : 1);
                at++;
            }
        }

        return new TreeEnsemble(nodes, values, roots, baseScores);
    }

    public static TreeNode LeafAt(int index) => new(float.NaN, 0, index, 0);

    /// <summary>Adds all trees to the base scores of one row, tree after tree.</summary>
    public unsafe void Score(ReadOnlySpan<float> row, Span<double> scores)
    {
        _baseScores.CopyTo(scores);
        fixed (TreeNode* nodes = _nodes)
        fixed (float* x = row)
        {
            // Four trees are walked at once: one tree alone would wait for memory at every node.
            var t = 0;
            var output = 0;
            for (; t + Lanes <= _roots.Length; t += Lanes)
            {
                int a = _roots[t], b = _roots[t + 1], c = _roots[t + 2], d = _roots[t + 3];
                while (true)
                {
                    var nextA = Next(nodes + a, x);
                    var nextB = Next(nodes + b, x);
                    var nextC = Next(nodes + c, x);
                    var nextD = Next(nodes + d, x);
                    if (((nextA ^ a) | (nextB ^ b) | (nextC ^ c) | (nextD ^ d)) == 0) break;
                    (a, b, c, d) = (nextA, nextB, nextC, nextD);
                }

                Add(scores, ref output, _values[a]);
                Add(scores, ref output, _values[b]);
                Add(scores, ref output, _values[c]);
                Add(scores, ref output, _values[d]);
            }

            for (; t < _roots.Length; t++)
            {
                var at = _roots[t];
                for (var next = Next(nodes + at, x); next != at; next = Next(nodes + at, x)) at = next;
                Add(scores, ref output, _values[at]);
            }
        }
    }

    private static void Add(Span<double> scores, ref int output, double value)
    {
        scores[output] += value;
        output = output + 1 == scores.Length ? 0 : output + 1;
    }

    private static unsafe int Next(TreeNode* node, float* x)
    {
        var value = x[node->Slot];
        // With & and | rather than && and ||: there is nothing to guess.
        return node->Left + ((value >= node->Threshold ? 1 : 0) | ((float.IsNaN(value) ? 1 : 0) & node->MissingRight));
    }
}
