using System.Buffers;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>Gradient boosted trees.</summary>
internal sealed class GradientBoostingModel(ModelSignature signature, TreeEnsemble trees) : IModel
{
    public const string Format = "mlops.gradient-boosting/1";

    private const uint MissingRight = 1u << 31;
    private const uint NoThreshold = 1u << 30;
    private const uint IsLeaf = uint.MaxValue;

    private readonly Func<FeatureRow> _createRow = () => new FeatureRow(signature.Features);

    public ModelSignature Signature => signature;

    public TreeEnsemble Trees => trees;

    public string FormatId => Format;

    /// <remarks>Children stand behind their parent in a saved tree, so no bytes can make a walk go in circles.</remarks>
    public static IModel Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = ModelHeader.Read(bytes.Span, Format, out var signature);
        var baseScores = reader.FiniteValues(signature.Outputs);
        var roots = new int[reader.Length(16)];
        if (roots.Length % signature.Outputs != 0) throw reader.Damaged("the trees do not fit the outputs");
        var nodes = new List<TreeNode>();
        var values = new List<double>();
        for (var t = 0; t < roots.Length; t++)
        {
            roots[t] = nodes.Count;
            var count = reader.Length(12);
            if (count < 1) throw reader.Damaged("a tree is empty");
            for (var i = 0; i < count; i++)
            {
                var head = reader.UInt32();
                if (head == IsLeaf)
                {
                    nodes.Add(TreeNode.LeafAt(nodes.Count));
                    values.Add(reader.Finite());
                    continue;
                }

                var slot = head & ~(MissingRight | NoThreshold);
                var threshold = reader.Single();
                var left = reader.Int32();
                if (slot >= signature.Features || left <= i || left >= count - 1) throw reader.Damaged("a node points outside");
                if ((head & NoThreshold) != 0 != float.IsNaN(threshold)) throw reader.Damaged("a threshold is not a number");
                nodes.Add(new TreeNode(threshold, (int)slot, roots[t] + left, (head & MissingRight) != 0 ? 1 : 0));
                values.Add(0);
            }
        }

        reader.End();
        return new GradientBoostingModel(signature, new TreeEnsemble([.. nodes], [.. values], roots, baseScores));
    }

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        signature.CheckBlock(rows, output, readsSparse: true);
        var buffer = rows.IsDense ? null : scratch.State(this, _createRow);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var scores = output.Slice(row * signature.Outputs, signature.Outputs);
            trees.Score(buffer is null ? rows.Row(row) : buffer.Load(rows, row), scores);
            buffer?.Clear(rows, row);
            Link.Apply(signature.Task, scores);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var writer = ModelHeader.Write(to, signature);
        writer.Values(trees.BaseScores);
        writer.Int32(trees.Roots.Length);
        for (var t = 0; t < trees.Roots.Length; t++)
        {
            var root = trees.Roots[t];
            var end = t + 1 < trees.Roots.Length ? trees.Roots[t + 1] : trees.Nodes.Length;
            writer.Int32(end - root);
            for (var i = root; i < end; i++)
            {
                var node = trees.Nodes[i];
                if (node.Left == i)
                {
                    writer.UInt32(IsLeaf);
                    writer.Double(trees.Values[i]);
                    continue;
                }

                writer.UInt32(
                    (uint)node.Slot | (node.MissingRight == 1 ? MissingRight : 0) | (float.IsNaN(node.Threshold) ? NoThreshold : 0));
                writer.Single(node.Threshold);
                writer.Int32(node.Left - root);
            }
        }
    }

    public void Dispose()
    {
    }
}
