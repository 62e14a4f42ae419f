using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>Trees that were grown elsewhere, with their link.</summary>
internal sealed class TreesModel(ModelSignature signature, TreeEnsemble trees, ScoreLink link) : IModel
{
    public const string Format = "mlops.trees/1";

    /// <summary>An output, a number of nodes, and one leaf.</summary>
    private const int LeastTreeBytes = 2 * sizeof(int) + 1 + sizeof(double);

    /// <summary>A kind and a feature.</summary>
    private const int LeastNodeBytes = 1 + sizeof(int);

    private const byte Leaf = 0;
    private const byte MissingLeft = 1;
    private const byte MissingRight = 2;
    private const byte MissingOnly = 3;
    private const byte Set = 4;

    private readonly Func<FeatureRow> _createRow = () => new FeatureRow(signature.Features);

    public ModelSignature Signature => signature;

    public TreeEnsemble Trees => trees;

    public string FormatId => Format;

    public static IModel Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = ModelHeader.Read(bytes.Span, Format, out var signature);
        try
        {
            var link = ScoreLink.Read(ref reader, signature);
            var baseScores = reader.FiniteValues(signature.Outputs);
            var assembly = new TreeAssembly(signature);
            for (var t = reader.Length(LeastTreeBytes); t > 0; t--)
            {
                assembly.Begin(reader.Int32());
                for (var n = reader.Length(LeastNodeBytes); n > 0; n--) ReadNode(ref reader, assembly);
                assembly.End();
            }

            reader.End();
            return new TreesModel(signature, assembly.Build(baseScores), link);
        }
        catch (ImpossibleModelException e)
        {
            throw reader.Damaged(e.Clause);
        }
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
            link.Apply(scores);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var writer = ModelHeader.Write(to, signature);
        link.Save(writer);
        writer.Values(trees.BaseScores);
        writer.Int32(trees.Roots.Length);
        for (var t = 0; t < trees.Roots.Length; t++)
        {
            var root = trees.Roots[t];
            var end = t + 1 < trees.Roots.Length ? trees.Roots[t + 1] : trees.Nodes.Length;
            writer.Int32(trees.Outputs[t]);
            writer.Int32(end - root);
            for (var i = root; i < end; i++) WriteNode(writer, i);
        }
    }

    public void Dispose()
    {
    }

    private static void ReadNode(ref BinaryInput reader, TreeAssembly assembly)
    {
        var kind = reader.Byte();
        switch (kind)
        {
            case Leaf:
                assembly.AddLeaf(reader.Double());
                return;
            case MissingLeft or MissingRight:
                var feature = reader.Int32();
                var threshold = reader.Single();
                if (float.IsNaN(threshold)) throw reader.Damaged("a threshold is not a number");
                assembly.AddSplit(feature, threshold, kind == MissingRight);
                return;
            case MissingOnly:
                assembly.AddSplit(reader.Int32(), float.NaN, missingRight: true);
                return;
            case Set:
                var features = new int[reader.Length(4)];
                for (var i = 0; i < features.Length; i++) features[i] = reader.Int32();
                assembly.AddSet(features);
                return;
            default:
                throw reader.Damaged("a node is of an unknown kind");
        }
    }

    private void WriteNode(BinaryOutput writer, int index)
    {
        var node = trees.Nodes[index];
        if (node.Left == index)
        {
            writer.Byte(Leaf);
            writer.Double(trees.Values[index]);
            return;
        }

        if (node.MissingRight == TreeNode.Set)
        {
            var features = trees.Sets.Slice(node.Slot + 1, trees.Sets[node.Slot]);
            writer.Byte(Set);
            writer.Int32(features.Length);
            foreach (var feature in features) writer.Int32(feature);
            return;
        }

        writer.Byte(float.IsNaN(node.Threshold) ? MissingOnly : node.MissingRight == 1 ? MissingRight : MissingLeft);
        writer.Int32(node.Slot);
        if (!float.IsNaN(node.Threshold)) writer.Single(node.Threshold);
    }
}
