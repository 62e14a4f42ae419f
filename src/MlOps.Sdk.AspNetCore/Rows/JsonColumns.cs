using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Reads an object of arrays as columns.</summary>
internal static class JsonColumns
{
    /// <summary>How many names that are no columns may have been meant for one.</summary>
    public const int MostUnknown = 64;

    /// <summary>Reads the object that a reader stands on, to its end. Members that are no columns are ignored.</summary>
    /// <param name="reader">The reader, on the beginning of an object.</param>
    /// <param name="to">Where the rows go.</param>
    /// <param name="mistakes">Where mistakes go.</param>
    /// <param name="most">The most rows.</param>
    /// <param name="unwraps">Whether a value may be an array of one: a column of a matrix.</param>
    public static void Read(ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes, int most, bool unwraps = false)
    {
        var seen = new bool[to.Schema.Count];
        bool[]? wrong = null;
        List<string>? unknown = null, extra = null;
        var expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = to.Index.Find(ref reader, expected);
            if (column < 0)
            {
                if (to.LooksForExtra && JsonText.Of(ref reader) is { } other) (extra ??= []).Add(other);
                if ((unknown?.Count ?? 0) < MostUnknown && JsonText.Of(ref reader) is { } name) (unknown ??= []).Add(name);
                reader.Read();
                reader.Skip();
                continue;
            }

            var field = to.Schema[column];
            expected = column + 1;
            reader.Read();
            if (seen[column])
            {
                mistakes.Add(null, field.Name, $"'{JsonCell.Shown(field)}' is there twice.", "Send each column once.");
                reader.Skip();
                continue;
            }
            seen[column] = true;
            if (reader.TokenType == JsonTokenType.StartArray) ReadValues(ref reader, field, to.Columns[column], mistakes, most, unwraps);
            else
            {
                mistakes.Add(null, field.Name, $"'{JsonCell.Shown(field)}' is not an array.", "Send an array with a value for each row.");
                reader.Skip();
                wrong ??= new bool[seen.Length];
                wrong[column] = true;
            }
        }

        Complete(to, seen, wrong, unknown, extra, mistakes);
    }

    /// <summary>Checks that columns which were filled one by one are as long as each other, and makes rows of them.</summary>
    /// <param name="to">The columns.</param>
    /// <param name="seen">Which columns were there.</param>
    /// <param name="wrong">Which have mistakes already, so that their length says nothing.</param>
    /// <param name="unknown">Some names that are no columns.</param>
    /// <param name="extra">All names that are no columns, where the input contract looks for them.</param>
    /// <param name="mistakes">Where mistakes go.</param>
    public static void Complete(
        RowBuffer to,
        bool[] seen,
        bool[]? wrong,
        IReadOnlyList<string>? unknown,
        IReadOnlyList<string>? extra,
        Mistakes mistakes)
    {
        var rows = 0;
        to.UnknownOfAll = unknown;
        foreach (var column in to.Columns) rows = Math.Max(rows, column.Count);
        for (var i = 0; i < seen.Length; i++)
        {
            var field = to.Schema[i];
            if (!seen[i])
            {
                if (AreTaken(to, i, rows)) continue;
                if (mistakes.Note()) mistakes.List(
                    null, field.Name, $"'{JsonCell.Shown(field)}' is missing.", JsonRow.RemedyOf(field, unknown));
            }
            else if (wrong?[i] != true && to.Columns[i].Count < rows && mistakes.Note())
            {
                mistakes.List(
                    null,
                    field.Name,
                    FormattableString.Invariant(
                        $"'{JsonCell.Shown(field)}' has {to.Columns[i].Count} values, and another column has {rows}."),
                    "Send a value for each row; null is a missing one.");
            }
        }

        foreach (var name in extra ?? []) to.NoteExtraOfAll(name, rows);
        to.CheckMisfits();
        to.Complete(rows);
    }

    /// <summary>Makes a column that is not there missing values, if the contract handles it.</summary>
    public static bool AreTaken(RowBuffer to, int column, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if (!to.TakesMissing(row, column)) return false;
        }

        return rows > 0;
    }

    private static void ReadValues(
        ref Utf8JsonReader reader, Field field, ColumnBuilder to, Mistakes mistakes, int most, bool unwraps)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (to.Count >= most) throw Rejection.TooManyRows(most);
            if (unwraps && field.Type != ColumnType.Vector && reader.TokenType == JsonTokenType.StartArray && TryUnwrap(ref reader))
            {
                JsonCell.Append(ref reader, field, to, to.Count, mistakes);
                reader.Read();
                continue;
            }
            JsonCell.Append(ref reader, field, to, to.Count, mistakes);
        }
    }

    // Moves the reader into an array of one value, and leaves it where it is otherwise.
    private static bool TryUnwrap(ref Utf8JsonReader reader)
    {
        var inner = reader;
        inner.Read();
        var value = inner;
        if (inner.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject or JsonTokenType.EndArray) return false;
        inner.Read();
        if (inner.TokenType != JsonTokenType.EndArray) return false;
        reader = value;
        return true;
    }
}
