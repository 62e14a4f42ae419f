namespace MlOps.Sdk.Training;

/// <summary>The trees of a model in flat arrays. Immutable and thread-safe.</summary>
internal sealed class TreeEnsemble
{
    private const int Lanes = 8;

    private readonly TreeNode[] _nodes;
    private readonly double[] _values;
    private readonly int[] _roots;
    private readonly int[] _outputs;
    private readonly int[] _sets;
    private readonly double[] _baseScores;
    private readonly int[] _slots;
    private readonly int[] _depths;
    private readonly LeafMasks? _masks;

    /// <summary>Creates an ensemble from arrays that were checked.</summary>
    /// <param name="nodes">The nodes of all trees.</param>
    /// <param name="values">What each node adds when it is a leaf.</param>
    /// <param name="roots">Where each tree begins.</param>
    /// <param name="baseScores">The raw score per output before any tree.</param>
    /// <param name="outputs">The output of each tree; when none are given, tree t belongs to output t modulo outputs.</param>
    /// <param name="sets">The features of all sets, each run after its length.</param>
    public TreeEnsemble(
        TreeNode[] nodes, double[] values, int[] roots, double[] baseScores, int[]? outputs = null, int[]? sets = null)
    {
        _nodes = nodes;
        _values = values;
        _roots = roots;
        _baseScores = baseScores;
        _outputs = outputs ?? [.. Enumerable.Range(0, roots.Length).Select(t => t % baseScores.Length)];
        _sets = sets ?? [];
        _slots = [.. nodes.Index().Where(n => n.Item.Left != n.Index).Select(n => n.Item.Slot).Distinct().Order()];
        _depths = DepthsOfGroups();
        _masks = LeafMasks.Create(nodes, values, roots, _outputs, _sets);
    }

    public ReadOnlySpan<TreeNode> Nodes => _nodes;

    public ReadOnlySpan<double> Values => _values;

    public ReadOnlySpan<int> Roots => _roots;

    public ReadOnlySpan<double> BaseScores => _baseScores;

    /// <summary>The output of each tree.</summary>
    public ReadOnlySpan<int> Outputs => _outputs;

    /// <summary>The features of all sets, each run after its length.</summary>
    public ReadOnlySpan<int> Sets => _sets;

    /// <summary>Whether rows are scored by leaf masks rather than by walking.</summary>
    public bool IsTabulated => _masks is not null;

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
        if (_sets.Length > 0)
        {
            Walk<WithSets>(row, scores);
            return;
        }

        var isComplete = true;
        foreach (var slot in _slots) isComplete &= !float.IsNaN(row[slot]);
        if (isComplete) Walk<Complete>(row, scores);
        else Walk<WithMissing>(row, scores);
    }

    private unsafe void Walk<TStep>(ReadOnlySpan<float> row, Span<double> scores)
        where TStep : struct, IStep
    {
        fixed (TreeNode* nodes = _nodes)
        fixed (double* values = _values)
        fixed (int* sets = _sets)
        fixed (int* outputs = _outputs)
        fixed (float* x = row)
        {
            // Eight trees are walked at once, as deep as the deepest: one tree alone would wait for memory at every node,
            // and a loop of known length leaves nothing to guess.
            var t = 0;
            var sum = scores[0];
            for (; t + Lanes <= _roots.Length; t += Lanes)
            {
                var roots = _roots.AsSpan(t, Lanes);
                int a = roots[0], b = roots[1], c = roots[2], d = roots[3], e = roots[4], f = roots[5], g = roots[6], h = roots[7];
                for (var level = _depths[t / Lanes]; level > 0; level--)
                {
                    a = TStep.Next(nodes + a, x, sets);
                    b = TStep.Next(nodes + b, x, sets);
                    c = TStep.Next(nodes + c, x, sets);
                    d = TStep.Next(nodes + d, x, sets);
                    e = TStep.Next(nodes + e, x, sets);
                    f = TStep.Next(nodes + f, x, sets);
                    g = TStep.Next(nodes + g, x, sets);
                    h = TStep.Next(nodes + h, x, sets);
                }

                if (scores.Length == 1)
                {
                    // One output is summed in a register; through memory each tree would wait for the one before.
                    sum = sum + values[a] + values[b] + values[c] + values[d] + values[e] + values[f] + values[g] + values[h];
                    continue;
                }

                scores[outputs[t]] += values[a];
                scores[outputs[t + 1]] += values[b];
                scores[outputs[t + 2]] += values[c];
                scores[outputs[t + 3]] += values[d];
                scores[outputs[t + 4]] += values[e];
                scores[outputs[t + 5]] += values[f];
                scores[outputs[t + 6]] += values[g];
                scores[outputs[t + 7]] += values[h];
            }

            scores[0] = scores.Length == 1 ? sum : scores[0];
            for (; t < _roots.Length; t++)
            {
                var at = _roots[t];
                for (var next = TStep.Next(nodes + at, x, sets); next != at; next = TStep.Next(nodes + at, x, sets)) at = next;
                scores[outputs[t]] += values[at];
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

    /// <summary>
    /// One step down a tree. Of several kinds, so that rows without missing values and trees without sets do not pay for them.
    /// </summary>
    private unsafe interface IStep
    {
        static abstract int Next(TreeNode* node, float* row, int* sets);
    }

    private readonly struct Complete : IStep
    {
        public static unsafe int Next(TreeNode* node, float* row, int* sets) => node->Left + (row[node->Slot] >= node->Threshold ? 1 : 0);
    }

    private readonly struct WithMissing : IStep
    {
        public static unsafe int Next(TreeNode* node, float* row, int* sets)
        {
            var value = row[node->Slot];
            // With & and | rather than && and ||: there is nothing to guess.
            return node->Left + ((value >= node->Threshold ? 1 : 0) | ((float.IsNaN(value) ? 1 : 0) & node->MissingRight));
        }
    }

    private readonly struct WithSets : IStep
    {
        public static unsafe int Next(TreeNode* node, float* row, int* sets)
        {
            if (node->MissingRight != TreeNode.Set) return WithMissing.Next(node, row, sets);
            var set = sets + node->Slot;
            for (var i = 1; i <= set[0]; i++)
            {
                if (row[set[i]] > 0) return node->Left + 1;
            }

            return node->Left;
        }
    }
}
