// begin-snippet: custom-fitted-transform
using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace Acme;

/// <summary>What <see cref="LogScale"/> learned: the same code in training and in serving. Immutable.</summary>
public sealed class FittedLogScale(Field field, double mean) : IFittedTransform
{
    public const string Format = "acme.log-scale/1";

    public IReadOnlyList<Field> Inputs { get; } = [field];

    public IReadOnlyList<FeatureSlot> Outputs { get; } = [new FeatureSlot($"log {field.Name}", field.Name)];

    public string FormatId => Format;

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        for (var row = 0; row < rows.Count; row++)
            output.Set(row, 0, rows.IsNull(0, row) ? 0f : (float)(Math.Log(1 + Math.Max(0, rows.Number(0, row))) - mean));
    }

    public void Save(IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WriteString("column", field.Name);
        json.WriteNumber("type", (int)field.Type);
        json.WriteNumber("mean", mean);
        json.WriteEndObject();
    }
}
// end-snippet
