using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

internal sealed class FittedNumericTransform : IFittedTransform
{
    public const string Format = "mlops.numeric/1";

    private readonly NumericState _state;
    private readonly NumericColumnState[] _columns;

    public FittedNumericTransform(NumericState state)
    {
        _state = state;
        _columns = state.Columns;
        Inputs = [.. _columns.Select(column => column.Field)];
        var outputs = new List<FeatureSlot>();
        foreach (var column in _columns)
        {
            outputs.Add(new FeatureSlot(column.Field.Name, column.Field.Name));
            if (column.Indicator) outputs.Add(new FeatureSlot($"{column.Field.Name} is missing", column.Field.Name));
        }

        Outputs = outputs;
    }

    public IReadOnlyList<Field> Inputs { get; }

    public IReadOnlyList<FeatureSlot> Outputs { get; }

    public string FormatId => Format;

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        var slot = 0;
        for (var i = 0; i < _columns.Length; i++)
        {
            var state = _columns[i];
            var column = rows.Column(i);
            for (var row = 0; row < rows.Count; row++)
            {
                var value = column.GetNumber(rows.Start + row);
                var missing = !double.IsFinite(value);
                output.Set(row, slot, (float)(((missing ? state.Fill : value) - state.Shift) * state.Scale));
                if (state.Indicator) output.Set(row, slot + 1, missing ? 1 : 0);
            }

            slot += state.Indicator ? 2 : 1;
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, _state, FeatureJson.Default.NumericState);
    }

    public static IFittedTransform Read(ReadOnlyMemory<byte> bytes) =>
        new FittedNumericTransform(JsonSerializer.Deserialize(bytes.Span, FeatureJson.Default.NumericState)!);
}
