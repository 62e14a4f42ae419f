using System.Buffers;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>A weighted sum of the features per output, then the task's link: linear and logistic regression.</summary>
internal sealed class LinearModel : IModel
{
    public const string Format = "mlops.linear/1";

    private readonly double[] _coefficients;
    private readonly double[] _intercepts;

    /// <summary>Creates a model.</summary>
    /// <param name="signature">What is read and written.</param>
    /// <param name="coefficients">Output after output, one number per feature.</param>
    /// <param name="intercepts">One number per output.</param>
    public LinearModel(ModelSignature signature, double[] coefficients, double[] intercepts)
    {
        Signature = signature;
        _coefficients = coefficients;
        _intercepts = intercepts;
    }

    public ModelSignature Signature { get; }

    public string FormatId => Format;

    /// <summary>Output after output, one number per feature.</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    /// <summary>One number per output.</summary>
    public ReadOnlySpan<double> Intercepts => _intercepts;

    public static IModel Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = ModelHeader.Read(bytes.Span, Format, out var signature);
        var coefficients = reader.FiniteValues((long)signature.Outputs * signature.Features);
        var intercepts = reader.FiniteValues(signature.Outputs);
        reader.End();
        return new LinearModel(signature, coefficients, intercepts);
    }

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        Signature.CheckBlock(rows, output);
        var outputs = Signature.Outputs;
        for (var row = 0; row < rows.RowCount; row++)
        {
            var features = rows.Row(row);
            var ofRow = output.Slice(row * outputs, outputs);
            for (var k = 0; k < outputs; k++)
            {
                var sum = _intercepts[k];
                var coefficients = _coefficients.AsSpan(k * features.Length, features.Length);
                for (var j = 0; j < coefficients.Length; j++) sum += coefficients[j] * features[j];
                ofRow[k] = sum;
            }

            Link.Apply(Signature.Task, ofRow);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var writer = ModelHeader.Write(to, Signature);
        writer.Values(_coefficients);
        writer.Values(_intercepts);
    }

    public void Dispose()
    {
    }
}
