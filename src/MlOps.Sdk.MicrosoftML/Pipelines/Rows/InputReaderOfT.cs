using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads a value of a column.</summary>
/// <typeparam name="T">What ML.NET reads.</typeparam>
/// <param name="column">The column.</param>
/// <param name="row">The row.</param>
/// <param name="value">Where the value goes; a buffer in it may be used again.</param>
internal delegate void ReadValue<T>(Column column, int row, ref T value);

/// <summary>Reads one column as a type of ML.NET.</summary>
/// <typeparam name="T">What ML.NET reads.</typeparam>
internal sealed class InputReader<T> : InputReader
{
    private readonly InputValues _values;
    private readonly ReadValue<T> _read;
    private readonly ValueGetter<T> _getter;
    private Column? _column;

    public InputReader(InputValues values, ReadValue<T> read)
    {
        _values = values;
        _read = read;
        _getter = Read;
    }

    public override Delegate Getter => _getter;

    public override void Bind(Column? column) => _column = column;

    private void Read(ref T value) => _read(_column ?? throw InputValues.NoRow(), _values.Row, ref value);
}
