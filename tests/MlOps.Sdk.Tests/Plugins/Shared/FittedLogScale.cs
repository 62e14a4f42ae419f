using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>What <see cref="LogScale"/> has learned.</summary>
public sealed class FittedLogScale(IReadOnlyList<Field> fields, double[] fills) : IFittedTransform
{
    public const string Format = "acme.log-scale/1";

    public IReadOnlyList<Field> Inputs => fields;

    public IReadOnlyList<FeatureSlot> Outputs { get; } = [.. fields.Select(field => new FeatureSlot($"log({field.Name})", field.Name))];

    public string FormatId => Format;

    public static double Scale(double value) => Math.CopySign(Math.Log(1 + Math.Abs(value)), value);

    public static IFittedTransform Read(ReadOnlyMemory<byte> bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var columns = document.RootElement.EnumerateArray().ToArray();
        return new FittedLogScale(
            [.. columns.Select(column => new Field(
                column.GetProperty("name").GetString()!,
                Enum.Parse<ColumnType>(column.GetProperty("type").GetString()!)))],
            Array.ConvertAll(columns, column => column.GetProperty("fill").GetDouble()));
    }

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        for (var i = 0; i < fills.Length; i++)
        {
            for (var row = 0; row < rows.Count; row++)
            {
                output.Set(row, i, (float)(rows.IsNull(i, row) ? fills[i] : Scale(rows.Number(i, row))));
            }
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        writer.WriteStartArray();
        for (var i = 0; i < fills.Length; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", fields[i].Name);
            writer.WriteString("type", fields[i].Type.ToString());
            writer.WriteNumber("fill", fills[i]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
