namespace MlOps.Sdk.Training;

/// <summary>The trees of a model in flat arrays. Immutable and thread-safe.</summary>
internal sealed class TreeEnsemble
{
    private const int Lanes = 8;

    private readonly TreeNode[] _nodes;
    private readonly double[] _values;
    private readonly int[] _roots;
    private readonly double[] _baseScores;
    private readonly int[] _depths;
    private readonly LeafMasks? _masks;

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
        _depths = DepthsOfGroups();
        _masks = LeafMasks.Create(nodes, values, roots);
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
                    : new TreeNode(
                        node.Bin <= edges[node.Slot].Length ? edges[node.Slot][node.Bin - 1] : float.NaN,
                        node.Slot,
                        roots[t] + node.Left,
                        node.MissingLeft ? 0 : 1);
                at++;
            }
        }

        return new TreeEnsemble(nodes, values, roots, baseScores);
    }

    public static TreeNode LeafAt(int index) => new(float.NaN, 0, index, 0);

    /// <summary>Adds all trees to the base scores of one row, tree after tree.</summary>
    public void Score(ReadOnlySpan<float> row, Span<double> scores)
    {
        if (_masks is null)
        {
            Walk(row, scores);
            return;
        }

        _baseScores.CopyTo(scores);
        _masks.Score(row, scores);
    }

    /// <summary>The same, node by node: for trees that are too large to be tabulated.</summary>
    internal void Walk(ReadOnlySpan<float> row, Span<double> scores)
    {
        _baseScores.CopyTo(scores);
        var isComplete = true;
        foreach (var value in row) isComplete &= !float.IsNaN(value);
        if (isComplete) Walk<Complete>(row, scores);
        else Walk<WithMissing>(row, scores);
    }

    private unsafe void Walk<TStep>(ReadOnlySpan<float> row, Span<double> scores)
        where TStep : struct, IStep
    {
        fixed (TreeNode* nodes = _nodes)
        fixed (double* values = _values)
        fixed (float* x = row)
        {
            // Eight trees are walked at once, as deep as the deepest: one tree alone would wait for memory at every node,
            // and a loop of known length leaves nothing to guess.
            var t = 0;
            var output = 0;
            var sum = scores[0];
            for (; t + Lanes <= _roots.Length; t += Lanes)
            {
                var roots = _roots.AsSpan(t, Lanes);
                int a = roots[0], b = roots[1], c = roots[2], d = roots[3], e = roots[4], f = roots[5], g = roots[6], h = roots[7];
                for (var level = _depths[t / Lanes]; level > 0; level--)
                {
                    a = TStep.Next(nodes + a, x);
                    b = TStep.Next(nodes + b, x);
                    c = TStep.Next(nodes + c, x);
                    d = TStep.Next(nodes + d, x);
                    e = TStep.Next(nodes + e, x);
                    f = TStep.Next(nodes + f, x);
                    g = TStep.Next(nodes + g, x);
                    h = TStep.Next(nodes + h, x);
                }

                if (scores.Length == 1)
                {
                    // One output is summed in a register; through memory each tree would wait for the one before.
                    sum = sum + values[a] + values[b] + values[c] + values[d] + values[e] + values[f] + values[g] + values[h];
                    continue;
                }

                Add(scores, ref output, values[a]);
                Add(scores, ref output, values[b]);
                Add(scores, ref output, values[c]);
                Add(scores, ref output, values[d]);
                Add(scores, ref output, values[e]);
                Add(scores, ref output, values[f]);
                Add(scores, ref output, values[g]);
                Add(scores, ref output, values[h]);
            }

            scores[0] = scores.Length == 1 ? sum : scores[0];
            for (; t < _roots.Length; t++)
            {
                var at = _roots[t];
                for (var next = TStep.Next(nodes + at, x); next != at; next = TStep.Next(nodes + at, x)) at = next;
                Add(scores, ref output, _values[at]);
            }
        }
    }

    /// <summary>The depth of the deepest tree of each eight.</summary>
    private int[] DepthsOfGroups()
    {
        var depthOf = new int[_nodes.Length];
        var depths = new int[_roots.Length / Lanes];
        for (var t = 0; t < depths.Length * Lanes; t++)
        {
            var end = t + 1 < _roots.Length ? _roots[t + 1] : _nodes.Length;
            // Children stand behind their parent, so one pass in order is enough.
            for (var at = _roots[t]; at < end; at++)
            {
                var left = _nodes[at].Left;
                if (left == at) depths[t / Lanes] = Math.Max(depths[t / Lanes], depthOf[at]);
                else depthOf[left] = depthOf[left + 1] = Math.Max(Math.Max(depthOf[left], depthOf[left + 1]), depthOf[at] + 1);
            }
        }

        return depths;
    }

    private static void Add(Span<double> scores, ref int output, double value)
    {
        scores[output] += value;
        output = output + 1 == scores.Length ? 0 : output + 1;
    }

    /// <summary>One step down a tree. Two kinds, so that rows without missing values do not pay for the question.</summary>
    private unsafe interface IStep
    {
        static abstract int Next(TreeNode* node, float* row);
    }

    private readonly struct Complete : IStep
    {
        public static unsafe int Next(TreeNode* node, float* row) => node->Left + (row[node->Slot] >= node->Threshold ? 1 : 0);
    }

    private readonly struct WithMissing : IStep
    {
        public static unsafe int Next(TreeNode* node, float* row)
        {
            var value = row[node->Slot];
            // With & and | rather than && and ||: there is nothing to guess.
            return node->Left + ((value >= node->Threshold ? 1 : 0) | ((float.IsNaN(value) ? 1 : 0) & node->MissingRight));
        }
    }
}
