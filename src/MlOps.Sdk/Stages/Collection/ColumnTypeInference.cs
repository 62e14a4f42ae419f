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

    /// <summary>Whether the column can only be text, whatever follows.</summary>
    public readonly bool IsText => _notNumber && _notBoolean && _notTimestamp;

    public readonly ColumnType Type => !_seen || IsText ? ColumnType.Text
        : !_notInteger ? ColumnType.Integer
        : !_notNumber ? ColumnType.Number
        : !_notBoolean ? ColumnType.Boolean
        : ColumnType.Timestamp;

    public void Observe(ReadOnlySpan<byte> value)
    {
        _seen = true;
        if (!_notNumber) ObserveNumber(value);
        if (!_notBoolean && !FieldText.TryBoolean(value, out _)) _notBoolean = true;
        if (!_notTimestamp && !FieldText.TryTimestamp(value, out _)) _notTimestamp = true;
    }

    private void ObserveNumber(ReadOnlySpan<byte> value)
    {
        // A whole number that no long holds would lose digits as a double: it is an identifier, so text.
        if (FieldText.LooksLikeCode(value) || !FieldText.TryNumber(value, out _)) _notNumber = true;
        else if (FieldText.IsWhole(value)) _notNumber = !FieldText.TryInteger(value, out _);
        else _notInteger = true;
        _notInteger |= _notNumber;
    }
}
