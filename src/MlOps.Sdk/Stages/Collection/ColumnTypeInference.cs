using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Finds out, value by value, the narrowest type that holds all values of a column exactly.</summary>
internal struct ColumnTypeInference
{
    private bool _seen;
    private bool _notInteger;
    private bool _notNumber;
    private bool _notBoolean;
    private bool _notTimestamp;
    private bool _prefersDates;

    /// <summary>Whether the column can only be text, whatever follows.</summary>
    public readonly bool IsText => _notNumber && _notBoolean && _notTimestamp;

    /// <summary>The type of what was seen; <see langword="null"/> when there was no value.</summary>
    public readonly ColumnType? Type => !_seen ? null
        : IsText ? ColumnType.Text
        : _prefersDates && !_notTimestamp ? ColumnType.Timestamp
        : !_notInteger ? ColumnType.Integer
        : !_notNumber ? ColumnType.Number
        : !_notBoolean ? ColumnType.Boolean
        : ColumnType.Timestamp;

    /// <summary>The type that holds what either does: a number for whole numbers and fractions, else text.</summary>
    public static ColumnType? Join(ColumnType? one, ColumnType? other) => (one, other) switch
    {
        (null, _) => other,
        (_, null) => one,
        (ColumnType.Integer, ColumnType.Number) or (ColumnType.Number, ColumnType.Integer) => ColumnType.Number,
        _ => one == other ? one : ColumnType.Text,
    };

    public void Observe(ReadOnlySpan<byte> value, FieldValues values)
    {
        _seen = true;
        _prefersDates = values.HasDateFormats;
        if (!_notNumber)
        {
            var type = values.TypeOfNumber(value);
            _notNumber = type == ColumnType.Text;
            _notInteger |= type != ColumnType.Integer;
        }

        if (!_notBoolean && !FieldText.TryBoolean(value, out _)) _notBoolean = true;
        if (!_notTimestamp && !values.TryTimestamp(value, out _)) _notTimestamp = true;
    }
}
