using System.Buffers;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>An additive model: intercepts, and a step function per feature; the order of the terms is that of summation.</summary>
internal sealed class AdditiveModel(ModelSignature signature, double[] intercepts, StepFunction[] terms, ScoreLink link) : IModel
{
    public const string Format = "mlops.additive/1";

    private readonly Func<FeatureRow> _createRow = () => new FeatureRow(signature.Features);

    private readonly StepTable _table = new(terms);

    public ModelSignature Signature => signature;

    public string FormatId => Format;

    public static IModel Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = ModelHeader.Read(bytes.Span, Format, out var signature);
        try
        {
            var link = ScoreLink.Read(ref reader, signature);
            var intercepts = reader.FiniteValues(signature.Outputs);
            var terms = new StepFunction[reader.Length(StepFunction.LeastBytes)];
            for (var t = 0; t < terms.Length; t++) terms[t] = StepFunction.Read(ref reader, t, signature);
            reader.End();
            return new AdditiveModel(signature, intercepts, terms, link);
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
            var features = buffer is null ? rows.Row(row) : buffer.Load(rows, row);
            var scores = output.Slice(row * signature.Outputs, signature.Outputs);
            intercepts.CopyTo(scores);
            _table.Add(features, scores);
            buffer?.Clear(rows, row);
            link.Apply(scores);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var writer = ModelHeader.Write(to, signature);
        link.Save(writer);
        writer.Values(intercepts);
        writer.Int32(terms.Length);
        foreach (var term in terms) term.Save(writer);
    }

    public void Dispose()
    {
    }
}
