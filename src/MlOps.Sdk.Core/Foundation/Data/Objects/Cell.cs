using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Data;

/// <summary>A value in the form in which a column of a given type holds it, a missing one, or none that the column can hold.</summary>
internal readonly struct Cell
{
    private readonly CellState _state;
    private readonly long _bits;
    private readonly object? _reference;

    private Cell(CellState state, long bits, object? reference)
    {
        _state = state;
        _bits = bits;
        _reference = reference;
    }

    private enum CellState : byte
    {
        Misfit,
        Missing,
        Value,
    }

    /// <summary>The column cannot hold the value.</summary>
    public static Cell Misfit => default;

    public static Cell Missing => new(CellState.Missing, 0, null);

    public bool Fits => _state != CellState.Misfit;

    public static Cell OfNumber(double value) => new(CellState.Value, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>A whole number, the ticks of a point in time, or 1 and 0 for true and false.</summary>
    public static Cell OfWhole(long value) => new(CellState.Value, value, null);

    public static Cell OfText(string value) => new(CellState.Value, 0, value);

    public static Cell OfVector(float[] value) => new(CellState.Value, 0, value);

    /// <summary>Appends the value, which fits.</summary>
    /// <param name="to">A builder of the type for which the cell was made.</param>
    /// <param name="coded">Whether equal texts share a dictionary entry.</param>
    public void AppendTo(ColumnBuilder to, bool coded)
    {
        if (_state == CellState.Missing)
        {
            to.AppendNull();
            return;
        }

        switch (to)
        {
            case NumberColumnBuilder numbers: numbers.Append(BitConverter.Int64BitsToDouble(_bits)); break;
            case IntegerColumnBuilder integers: integers.Append(_bits); break;
            case BooleanColumnBuilder flags: flags.Append(_bits != 0); break;
            case TimestampColumnBuilder times: times.Append(new DateTime(_bits, DateTimeKind.Utc)); break;
            case TextColumnBuilder texts when coded: texts.Append(Unsafe.As<string>(_reference)); break;
            case TextColumnBuilder texts: texts.AppendUncoded(Unsafe.As<string>(_reference)); break;
            case VectorColumnBuilder vectors: vectors.Append(Unsafe.As<float[]>(_reference)); break;
        }
    }
}
