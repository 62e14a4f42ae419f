using System.Buffers;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>The same prediction for every row.</summary>
internal sealed class BaselineModel(ModelSignature signature, double[] prediction) : IModel
{
    public const string Format = "mlops.baseline/1";

    public ModelSignature Signature => signature;

    public string FormatId => Format;

    public static IModel Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = ModelHeader.Read(bytes.Span, Format, out var signature);
        var output = reader.FiniteValues(signature.Outputs);
        reader.End();
        return new BaselineModel(signature, output);
    }

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        signature.CheckBlock(rows, output, readsSparse: true);
        for (var row = 0; row < rows.RowCount; row++) prediction.CopyTo(output[(row * prediction.Length)..]);
    }

    public void Save(IBufferWriter<byte> to) => ModelHeader.Write(to, signature).Values(prediction);

    public void Dispose()
    {
    }
}
