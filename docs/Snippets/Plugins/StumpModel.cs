// begin-snippet: custom-model
using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace Acme;

/// <summary>A probability below the cut and one above it. Immutable.</summary>
public sealed class StumpModel(int width, int slot, float cut, double below, double above) : IModel
{
    public const string Format = "acme.stump/1";

    public ModelSignature Signature { get; } = new(TaskKind.BinaryClassification, width, Outputs: 1);

    public double Separation => Math.Abs(above - below);

    public string FormatId => Format;

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        for (var row = 0; row < rows.RowCount; row++) output[row] = rows.Row(row)[slot] > cut ? above : below;
    }

    public void Save(IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartArray();
        json.WriteNumberValue(width);
        json.WriteNumberValue(slot);
        json.WriteNumberValue(cut);
        json.WriteNumberValue(below);
        json.WriteNumberValue(above);
        json.WriteEndArray();
    }

    public void Dispose()
    {
    }
}
// end-snippet
