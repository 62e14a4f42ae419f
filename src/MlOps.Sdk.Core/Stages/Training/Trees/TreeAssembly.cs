using static System.FormattableString;

namespace MlOps.Sdk.Training;

/// <summary>
/// Builds an ensemble node by node. The nodes of a tree stand in the order of their levels: the children of its n-th split are the nodes
/// 2n + 1 and 2n + 2, so that no bytes can describe a tree with a circle, a shared child or a child outside.
/// </summary>
internal sealed class TreeAssembly(ModelSignature signature)
{
    /// <summary>400 MB of nodes; a model beyond it is a mistake rather than a model.</summary>
    public const int MostNodes = 1 << 24;

    /// <summary>Places in the array of all sets.</summary>
    public const int MostSetFeatures = 1 << 24;

    private readonly List<TreeNode> _nodes = [];
    private readonly List<double> _values = [];
    private readonly List<int> _roots = [];
    private readonly List<int> _outputs = [];
    private readonly List<int> _sets = [];
    private int _splits;

    /// <summary>The number of the tree that was begun last, for messages.</summary>
    private int Tree => _roots.Count - 1;

    private int Node => _nodes.Count - _roots[^1];

    /// <summary>Begins a tree.</summary>
    public void Begin(int output)
    {
        _roots.Add(_nodes.Count);
        _outputs.Add(output);
        _splits = 0;
        if (output < 0 || output >= signature.Outputs)
        {
            throw new ImpossibleModelException(
                Invariant($"Tree {Tree} adds to output {output}, and the model has {signature.Outputs} (from 0 on)."),
                "Give each tree an output of the model's signature.");
        }
    }

    public void AddLeaf(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ImpossibleModelException(
                Invariant($"Tree {Tree} has a leaf with the value {value}."),
                "Leaves must have finite values; a training that diverged has none.");
        }

        Expect();
        _nodes.Add(TreeNode.LeafAt(_nodes.Count));
        _values.Add(value);
    }

    /// <summary>Adds a split of one feature.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="threshold">Values from here on go right; NaN for a split that sends no value right.</param>
    /// <param name="missingRight">Whether missing values go right.</param>
    public void AddSplit(int feature, float threshold, bool missingRight)
    {
        CheckFeature(feature);
        AddSplit(threshold, feature, missingRight ? 1 : 0);
    }

    /// <summary>Adds a split of features of which any sends the row right.</summary>
    public void AddSet(ReadOnlySpan<int> features)
    {
        if (features.IsEmpty)
        {
            throw new ImpossibleModelException(
                Invariant($"Tree {Tree} has a split over no feature."),
                "A split over several features must list at least one; remove it if all rows go left.");
        }

        if (_sets.Count + features.Length + 1 > MostSetFeatures)
        {
            throw new ImpossibleModelException(
                Invariant($"The splits over several features list more than {MostSetFeatures} features in total."),
                "Train with fewer trees or categories.");
        }

        var at = _sets.Count;
        _sets.Add(features.Length);
        var seen = new HashSet<int>();
        foreach (var feature in features)
        {
            CheckFeature(feature);
            if (!seen.Add(feature))
            {
                throw new ImpossibleModelException(
                    Invariant($"Tree {Tree} has a split that lists feature {feature} twice."),
                    "List each feature once.");
            }

            _sets.Add(feature);
        }

        AddSplit(float.NaN, at, TreeNode.Set);
    }

    /// <summary>Ends a tree: the nodes must be as many as its splits need.</summary>
    public void End()
    {
        if (Node == 2 * _splits + 1) return;
        throw new ImpossibleModelException(
            Invariant($"Tree {Tree} has {_splits} splits and {Node - _splits} leaves."),
            "A tree has one leaf more than splits.");
    }

    public TreeEnsemble Build(double[] baseScores) => new([.. _nodes], [.. _values], [.. _roots], baseScores, [.. _outputs], [.. _sets]);

    private void AddSplit(float threshold, int slot, int missingRight)
    {
        Expect();
        _nodes.Add(new TreeNode(threshold, slot, _roots[^1] + 1 + 2 * _splits++, missingRight));
        _values.Add(0);
    }

    /// <summary>Rejects a node that is not a child of the splits before it.</summary>
    private void Expect()
    {
        if (Node > 2 * _splits)
        {
            throw new ImpossibleModelException(
                Invariant($"Tree {Tree} has {_splits} splits and {Node - _splits + 1} leaves."),
                "A tree has one leaf more than splits.");
        }

        if (_nodes.Count == MostNodes)
        {
            throw new ImpossibleModelException(
                Invariant($"The trees have more than {MostNodes} nodes in total."),
                "Train with fewer trees or leaves.");
        }
    }

    private void CheckFeature(int feature)
    {
        if (feature >= 0 && feature < signature.Features) return;
        throw new ImpossibleModelException(
            Invariant($"Tree {Tree} reads feature {feature}, but the model has {signature.Features} (from 0 on)."),
            "Count features from 0, and give the signature the length of the whole feature vector.");
    }
}
