using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Infers, value by value, the narrowest type that holds all values of a column exactly.</summary>
internal struct ColumnTypeInference
{
    private bool _seen;
    private bool _notInteger;
    private bool _notNumber;
    private bool _notBoolean;
    private bool _notTimestamp;
    private StrayValues _strays;
    private StrayValues _dateStrays;
    private OtherNotation _notation;
    private bool _prefersDates;

    /// <summary>
    /// Whether nothing that follows can change what is known: the column is text, and neither because of a few values nor because of how
    /// numbers are written.
    /// </summary>
    public readonly bool IsSettled => IsText && _strays.AreMany && !MayHaveBeenDates && _notation.IsSettled(_strays.Fitting);

    /// <summary>
    /// Why a column of numbers or dates is text: because of how they are written, or because of a few values; see
    /// <see cref="OtherNotation.Describe"/> and <see cref="StrayValues.Describe"/>. <see langword="null"/> for any other column.
    /// </summary>
    /// <param name="place">What the position given to <see cref="Observe"/> is, for example <c>line</c>.</param>
    public readonly (string Cause, string Remedy)? WhyText(string place) =>
        !IsText ? null
        : _notation.Describe(_strays.Fitting, place) is { } written ? written
        : (_strays.Describe(place) ?? _dateStrays.Describe(place)) is { } strays
            ? ($"because of {strays}", "add the texts of missing values to CsvOptions.NullTokens")
            : null;

    private readonly bool MayHaveBeenDates => _dateStrays.Fitting > 0 && !_dateStrays.AreMany;

    private readonly bool IsText => _notNumber && _notBoolean && _notTimestamp;

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

    /// <summary>Why a column that could be numbers or dates is text; <see langword="null"/> for any other column.</summary>
    public static (string Cause, string Remedy)? WhyText(Column column)
    {
        if (column.Type != ColumnType.Text) return null;
        var inference = new ColumnTypeInference();
        for (var row = 0; row < column.Length && !inference.IsSettled; row++)
        {
            if (column.GetText(row) is { } text) inference.Observe(Encoding.UTF8.GetBytes(text), FieldValues.Invariant, row + 1);
        }

        return inference.WhyText("row");
    }

    /// <param name="value">The next value.</param>
    /// <param name="values">How values are written.</param>
    /// <param name="position">Where it is, from 1.</param>
    public void Observe(ReadOnlySpan<byte> value, FieldValues values, long position)
    {
        _seen = true;
        _prefersDates = values.HasDateFormats;

        // In a column of booleans or times, no value is asked whether it is a number.
        if (!_notNumber || _strays.Fitting > 0 || IsText)
        {
            var type = values.TypeOfNumber(value);
            _notNumber |= type == ColumnType.Text;
            _notInteger |= type != ColumnType.Integer;
            if (type != ColumnType.Text)
            {
                _strays.AddFitting();
            }
            else
            {
                _strays.Add(value, position);
                if (!values.TryTimestamp(value, out _)) _notation.Add(value, values, _strays.Fitting, position);
            }
            if (IsText && !MayHaveBeenDates) return;
        }
        else
        {
            _strays.Count(position);
        }

        if (!_notBoolean && !FieldText.TryBoolean(value, out _)) _notBoolean = true;
        if (_notTimestamp && !MayHaveBeenDates) return;
        if (values.TryTimestamp(value, out _))
        {
            _dateStrays.AddFitting();
            return;
        }

        _notTimestamp = true;
        _dateStrays.Add(value, position);
    }
}
