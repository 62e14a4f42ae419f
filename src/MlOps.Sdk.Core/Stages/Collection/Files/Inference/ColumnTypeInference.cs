using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Infers, value by value, the narrowest type that holds all values of a column exactly. Not thread-safe.</summary>
internal struct ColumnTypeInference
{
    // A long column of texts is looked at now and then: it may yet be a column of numbers that begins with others.
    private const long AlwaysObserved = 10_000;
    private const int ObservedAfterwards = 16;
    private const int LongestForMessages = 100_000;
    private long _numbers;
    private long _pointed;
    private long _fractions;
    private long _dates;
    private long _flags;
    private long _passed;
    private bool _prefersDates;
    private ColumnType _last;
    private TextValues? _texts;
    private NumberNotes? _notes;
    private (string Example, long Position)? _offset;
    private (string Example, long Position)? _noOffset;

    /// <summary>The type of what was seen; <see langword="null"/> when there was no value.</summary>
    public readonly ColumnType? Type
    {
        get
        {
            var texts = _texts?.Count ?? 0;
            if (texts > 0) return ColumnType.Text;
            if (_numbers + _dates + _flags == 0) return null;
            if (_prefersDates && _dates > 0 && _numbers <= _dates && _flags == 0 && _passed == _dates) return ColumnType.Timestamp;
            if (_flags == 0 && _numbers == _passed) return _fractions == 0 ? ColumnType.Integer : ColumnType.Number;
            return _flags == _passed ? ColumnType.Boolean : _dates == _passed ? ColumnType.Timestamp : ColumnType.Text;
        }
    }

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
        for (var row = 0; row < Math.Min(column.Length, LongestForMessages); row++)
        {
            if (column.GetText(row) is { } text) inference.Observe(Encoding.UTF8.GetBytes(text), FieldValues.Invariant, row + 1);
        }

        return inference.WhyText("row", null);
    }

    /// <summary>
    /// Why a column of numbers, dates or booleans is text: because of how they are written, or because of a few values; see
    /// <see cref="TextValues.Describe"/>. <see langword="null"/> for any other column.
    /// </summary>
    /// <param name="place">What the position given to <see cref="Observe"/> is, for example <c>line</c>.</param>
    /// <param name="name">The name of the column, where it is known.</param>
    public readonly (string Cause, string Remedy)? WhyText(string place, string? name) => Type != ColumnType.Text
        ? null
        : (_texts ?? new TextValues()).Describe((_numbers, _pointed, _dates, _flags), place, name);

    /// <summary>What somebody should know of the values of a column that is not text.</summary>
    /// <param name="type">The type with which it is read.</param>
    /// <param name="place">What the position given to <see cref="Observe"/> is, for example <c>line</c>.</param>
    public readonly IEnumerable<string> Doubts(ColumnType type, string place)
    {
        var notes = new List<string>();
        if (type == ColumnType.Number && _notes is not null) notes.AddRange(_notes.Describe(place, _pointed > 0));
        if (type == ColumnType.Timestamp && _offset is var (with, at) && _noOffset is var (without, other))
        {
            notes.Add(FormattableString.Invariant(
                $"has times with an offset, such as '{with}' in {place} {at}, and without, such as '{without}' in {place} {other}, ") +
                "which are read as UTC; write the offset with all of them");
        }
        return notes;
    }

    /// <summary>Whether the next value need not be looked at, since the column is text: then it is counted.</summary>
    public readonly bool MayPass()
    {
        if (_texts is not { AreTexts: true, Count: > AlwaysObserved } texts || texts.Count % ObservedAfterwards == 0) return false;
        texts.Skip();
        return true;
    }

    /// <param name="value">The next value.</param>
    /// <param name="values">How values are written.</param>
    /// <param name="position">Where it is, from 1.</param>
    public void Observe(ReadOnlySpan<byte> value, FieldValues values, long position)
    {
        _prefersDates = values.HasDateFormats;

        // What the last value was is the next one most of the time.
        if (_last == ColumnType.Timestamp && !_prefersDates && TryDate(value, values, position)) return;
        if (_last == ColumnType.Boolean && TryFlag(value)) return;
        if (TryNumber(value, values, position) || TryFlag(value) || TryDate(value, values, position)) return;
        (_texts ??= new TextValues()).Add(value, values, position);
        _last = ColumnType.Text;
    }

    private bool TryNumber(ReadOnlySpan<byte> value, FieldValues values, long position)
    {
        var type = values.TypeOfNumber(value);
        if (type == ColumnType.Text) return false;
        _numbers++;
        _passed++;
        _last = ColumnType.Number;
        if (type == ColumnType.Number)
        {
            _fractions++;
            if (value.Contains((byte)'.')) _pointed++;
        }
        if (NumberNotes.Concerns(value, type)) (_notes ??= new NumberNotes()).Add(value, values, type, position);
        if (_prefersDates && values.TryTimestamp(value, out _)) _dates++;
        return true;
    }

    private bool TryFlag(ReadOnlySpan<byte> value)
    {
        if (!FieldText.TryBoolean(value, out _)) return false;
        _flags++;
        _passed++;
        _last = ColumnType.Boolean;
        return true;
    }

    private bool TryDate(ReadOnlySpan<byte> value, FieldValues values, long position)
    {
        if (!values.TryTimestamp(value, out _)) return false;
        _dates++;
        _passed++;
        _last = ColumnType.Timestamp;
        if (_prefersDates || _offset is not null && _noOffset is not null) return true;
        if (FieldText.HasOffset(value)) _offset ??= (PrintableText.Shorten(value), position);
        else _noOffset ??= (PrintableText.Shorten(value), position);
        return true;
    }
}
