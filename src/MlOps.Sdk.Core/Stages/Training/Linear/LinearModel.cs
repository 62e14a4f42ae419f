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

    /// <summary>Per output the features that have a coefficient, where some have none.</summary>
    private readonly int[][]? _used;

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
        _used = coefficients.Contains(0) ? [.. Enumerable.Range(0, signature.Outputs).Select(k => Used(signature, coefficients, k))] : null;
        FormatId = _link.IsOf(signature.Task) ? Format : LinkedFormat;
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
            for (var k = 0; k < outputs; k++)
            {
                var coefficients = _coefficients.AsSpan(k * rows.Width, rows.Width);
                ofRow[k] = _used is null
                    ? Sum(_intercepts[k], coefficients, features, slots, sparse)
                    : Sum(_intercepts[k], coefficients, _used[k], features, slots, sparse);
            }

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

    private static double Sum(
        double sum, ReadOnlySpan<double> coefficients, ReadOnlySpan<float> features, ReadOnlySpan<int> slots, ReadOnlySpan<float> sparse)
    {
        for (var j = 0; j < features.Length; j++) sum += coefficients[j] * features[j];
        for (var i = 0; i < slots.Length; i++) sum += coefficients[slots[i]] * sparse[i];
        return sum;
    }

    /// <summary>The same sum over those features that have a coefficient: a missing value of the others does not matter.</summary>
    private static double Sum(
        double sum,
        ReadOnlySpan<double> coefficients,
        ReadOnlySpan<int> used,
        ReadOnlySpan<float> features,
        ReadOnlySpan<int> slots,
        ReadOnlySpan<float> sparse)
    {
        foreach (var j in used)
        {
            if (j >= features.Length) break;
            sum += coefficients[j] * features[j];
        }

        for (var i = 0; i < slots.Length; i++)
        {
            if (coefficients[slots[i]] != 0) sum += coefficients[slots[i]] * sparse[i];
        }

        return sum;
    }

    private static int[] Used(ModelSignature signature, double[] coefficients, int output) =>
        [.. Enumerable.Range(0, signature.Features).Where(j => coefficients[output * signature.Features + j] != 0)];

    private static LinearModel Read(ref BinaryInput reader, ModelSignature signature, ScoreLink? link)
    {
        var coefficients = reader.FiniteValues((long)signature.Outputs * signature.Features);
        var intercepts = reader.FiniteValues(signature.Outputs);
        reader.End();
        return new LinearModel(signature, coefficients, intercepts, link);
    }
}
