using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>A weighted sum of the features per output, then a link: linear and logistic regression, and their like.</summary>
internal sealed class LinearModel : IModel
{
    /// <summary>With the link of the task.</summary>
    public const string Format = "mlops.linear/1";

    /// <summary>With any link.</summary>
    public const string LinkedFormat = "mlops.linear/2";

    private readonly double[] _coefficients;
    private readonly double[] _intercepts;
    private readonly ScoreLink _link;
    private readonly LinearSums _sums;

    /// <summary>Creates a model.</summary>
    /// <param name="signature">What is read and written.</param>
    /// <param name="coefficients">Output after output, one number per feature.</param>
    /// <param name="intercepts">One number per output.</param>
    /// <param name="link">The link; when none is given, that of the task.</param>
    public LinearModel(ModelSignature signature, double[] coefficients, double[] intercepts, ScoreLink? link = null)
    {
        Signature = signature;
        _coefficients = coefficients;
        _intercepts = intercepts;
        _link = link ?? ScoreLink.Of(signature.Task);
        FormatId = _link.IsOf(signature.Task) ? Format : LinkedFormat;
        // What the built-in trainers made keeps its bits: its features are added one after the other.
        _sums = new LinearSums(signature, coefficients, intercepts, isParallel: FormatId == LinkedFormat);
    }

    public ModelSignature Signature { get; }

    public string FormatId { get; }

    /// <summary>Output after output, one number per feature.</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    /// <summary>One number per output.</summary>
    public ReadOnlySpan<double> Intercepts => _intercepts;

    public static IModel Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = ModelHeader.Read(bytes.Span, Format, out var signature);
        return Read(ref reader, signature, link: null);
    }

    public static IModel ReadLinked(ReadOnlyMemory<byte> bytes)
    {
        var reader = ModelHeader.Read(bytes.Span, LinkedFormat, out var signature);
        try
        {
            return Read(ref reader, signature, ScoreLink.Read(ref reader, signature));
        }
        catch (ImpossibleModelException e)
        {
            throw reader.Damaged(e.Clause);
        }
    }

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        Signature.CheckBlock(rows, output, readsSparse: true);
        var outputs = Signature.Outputs;
        for (var row = 0; row < rows.RowCount; row++)
        {
            var features = rows.Row(row);
            var sparse = rows.SparseValues(row);
            var slots = rows.SparseSlots(row);
            var ofRow = output.Slice(row * outputs, outputs);
            for (var k = 0; k < outputs; k++) ofRow[k] = _sums.Sum(k, features, slots, sparse);
            _link.Apply(ofRow);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var writer = ModelHeader.Write(to, Signature);
        if (FormatId == LinkedFormat) _link.Save(writer);
        writer.Values(_coefficients);
        writer.Values(_intercepts);
    }

    public void Dispose()
    {
    }

    private static LinearModel Read(ref BinaryInput reader, ModelSignature signature, ScoreLink? link)
    {
        var coefficients = reader.FiniteValues((long)signature.Outputs * signature.Features);
        var intercepts = reader.FiniteValues(signature.Outputs);
        reader.End();
        return new LinearModel(signature, coefficients, intercepts, link);
    }
}
