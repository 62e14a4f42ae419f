using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

internal sealed class FittedOneHotTransform : IFittedTransform
{
    public const string Format = "mlops.one-hot/1";

    private readonly OneHotState _state;
    private readonly OneHotColumnState[] _columns;
    private readonly Dictionary<string, int>[] _slots;

    public FittedOneHotTransform(OneHotState state)
    {
        _state = state;
        _columns = state.Columns;
        Inputs = [.. _columns.Select(column => column.Field)];
        _slots = Array.ConvertAll(_columns, column =>
        {
            var slots = new Dictionary<string, int>(column.Levels.Length, StringComparer.Ordinal);
            for (var i = 0; i < column.Levels.Length; i++) slots.Add(column.Levels[i], i);
            return slots;
        });
        var outputs = new List<FeatureSlot>();
        foreach (var column in _columns)
        {
            var name = column.Field.Name;
            outputs.AddRange(column.Levels.Select(level => new FeatureSlot($"{name}={level}", name)));
            if (column.Missing) outputs.Add(new FeatureSlot($"{name} is missing", name));
            outputs.Add(new FeatureSlot($"{name} is unknown", name));
        }

        Outputs = outputs;
    }

    public IReadOnlyList<Field> Inputs { get; }

    public IReadOnlyList<FeatureSlot> Outputs { get; }

    public string FormatId => Format;

    public void Apply(in RowBlock rows, FeatureWriter output)
    {
        var first = 0;
        for (var i = 0; i < _columns.Length; i++)
        {
            var state = _columns[i];
            var width = state.Width;
            var column = rows.Column(i);
            for (var row = 0; row < rows.Count; row++) output.SetOneHot(row, first, width, Slot(i, state, column, rows.Start + row));
            first += width;
        }
    }

    private int Slot(int input, OneHotColumnState state, Column column, int row)
    {
        var unknown = state.Width - 1;
        if (column.GetText(row) is not { } text) return state.Missing ? unknown - 1 : unknown;
        return _slots[input].TryGetValue(text, out var slot) ? slot : unknown;
    }

    public void Save(IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, _state, FeatureJson.Default.OneHotState);
    }

    public static IFittedTransform Read(ReadOnlyMemory<byte> bytes) =>
        new FittedOneHotTransform(JsonSerializer.Deserialize(bytes.Span, FeatureJson.Default.OneHotState)!);
}
