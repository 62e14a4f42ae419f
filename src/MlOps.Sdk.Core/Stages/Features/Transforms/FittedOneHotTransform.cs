using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

internal sealed class FittedOneHotTransform : IFittedTransform
{
    public const string Format = "mlops.one-hot/1";

    private readonly OneHotState _state;
    private readonly OneHotColumnState[] _columns;
    private readonly Dictionary<string, int>[] _texts;
    private readonly Dictionary<long, int>[] _values;

    public FittedOneHotTransform(OneHotState state)
    {
        _state = state;
        _columns = state.Columns;
        Inputs = [.. _columns.Select(column => column.Field)];
        _texts = Array.ConvertAll(_columns, column => Slots<string>(column, level => level, StringComparer.Ordinal));
        // Other types are looked up by value, as turning a value into text allocates.
        _values = Array.ConvertAll(
            _columns,
            column => column.Field.Type == ColumnType.Text ? [] : Slots<long>(column, level => ValueOf(level, column.Field.Type), null));
        var outputs = new List<FeatureSlot>();
        foreach (var column in _columns)
        {
            var name = column.Field.Name;
            outputs.AddRange(column.Levels.Select(level => new FeatureSlot($"{name}={level}", name, SlotKind.Level, name)));
            if (column.Missing) outputs.Add(new FeatureSlot($"{name} is missing", name, SlotKind.Level, name));
            outputs.Add(new FeatureSlot($"{name} is unknown", name, SlotKind.Level, name));
        }

        Outputs = outputs;
    }

    public IReadOnlyList<Field> Inputs { get; }

    public IReadOnlyList<FeatureSlot> Outputs { get; }

    public bool IsSparse => _state.Sparse;

    public string FormatId => Format;

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        if (_state.Sparse)
        {
            ApplySparse(rows, output);
            return;
        }

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

    // Row after row, as sparse features are written.
    private void ApplySparse(in RowBlock rows, FeatureWriter output)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            var first = 0;
            for (var i = 0; i < _columns.Length; i++)
            {
                output.Set(row, first + Slot(i, _columns[i], rows.Column(i), rows.Start + row), 1);
                first += _columns[i].Width;
            }
        }
    }

    private int Slot(int input, OneHotColumnState state, Column column, int row)
    {
        var unknown = state.Width - 1;
        if (column.IsMissing(row)) return state.Missing ? unknown - 1 : unknown;
        return column switch
        {
            TextColumn texts => _texts[input].TryGetValue(texts.GetText(row)!, out var slot) ? slot : unknown,
            NumberColumn numbers => Find(input, BitsOf(numbers.Values[row]), unknown),
            IntegerColumn integers when state.Field.Type == ColumnType.Number => Find(input, BitsOf(integers.Values[row]), unknown),
            IntegerColumn integers => Find(input, integers.Values[row], unknown),
            BooleanColumn flags => Find(input, flags.Values[row] ? 1 : 0, unknown),
            _ => throw new MlOpsException(
                $"The column '{state.Field.Name}' is {column.Type} and has no levels.",
                "Train the model again with rows of this type.") { Column = state.Field.Name },
        };
    }

    private int Find(int input, long value, int unknown) => _values[input].TryGetValue(value, out var slot) ? slot : unknown;

    private static Dictionary<TKey, int> Slots<TKey>(OneHotColumnState column, Func<string, TKey> key, IEqualityComparer<TKey>? comparer)
        where TKey : notnull
    {
        var slots = new Dictionary<TKey, int>(column.Levels.Length, comparer);

        // An earlier version of the library could learn -0 and 0 as two levels.
        for (var i = 0; i < column.Levels.Length; i++) slots.TryAdd(key(column.Levels[i]), i);
        return slots;
    }

    private static long ValueOf(string level, ColumnType type) => type switch
    {
        ColumnType.Number => BitsOf(double.Parse(level, CultureInfo.InvariantCulture)),
        ColumnType.Boolean => bool.Parse(level) ? 1 : 0,
        _ => long.Parse(level, CultureInfo.InvariantCulture),
    };

    // By bits −0 would be no 0.
    private static long BitsOf(double value) => BitConverter.DoubleToInt64Bits(value + 0.0);

    public void Save(IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, _state, FeatureJson.Default.OneHotState);
    }

    public static IFittedTransform Read(ReadOnlyMemory<byte> bytes) =>
        new FittedOneHotTransform(JsonSerializer.Deserialize(bytes.Span, FeatureJson.Default.OneHotState)!);
}
