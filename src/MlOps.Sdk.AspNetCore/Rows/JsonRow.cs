using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Reads an object of JSON as a row.</summary>
internal static class JsonRow
{
    // Names that may have been meant: enough to help, and too few to cost anything.
    private const int ConsideredNames = 8;
    private const int LongestName = 64;

    /// <summary>Reads the object that a reader stands on, to its end. Members that are no columns are ignored.</summary>
    /// <param name="reader">The reader, on the beginning of an object.</param>
    /// <param name="to">Where the row goes.</param>
    /// <param name="mistakes">Where mistakes go.</param>
    /// <param name="most">The most rows.</param>
    /// <param name="stopsAt">Whether the row is none after all, by a member that no column has.</param>
    /// <returns>Whether it was read to its end.</returns>
    public static bool Read(
        ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes, int most, MemberTest? stopsAt = null)
    {
        to.Begin(most);
        var row = to.Count - 1;
        var expected = 0;
        List<string>? unknown = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = to.Index.Find(ref reader, expected);
            if (column < 0)
            {
                if (stopsAt is not null && stopsAt(reader)) return false;
                if (to.LooksForExtra && JsonText.Of(ref reader) is { } extra) to.NoteExtra(row, extra);
                if ((unknown?.Count ?? 0) < ConsideredNames && JsonText.Of(ref reader) is { Length: <= LongestName } name)
                {
                    (unknown ??= []).Add(name);
                }
                reader.Read();
                reader.Skip();
                continue;
            }

            reader.Read();
            expected = column + 1;
            if (to.Fill(column))
            {
                JsonCell.Append(ref reader, to.Schema[column], to.Columns[column], row, mistakes);
                continue;
            }
            reader.Skip();
            mistakes.Add(row, to.Schema[column].Name, $"'{JsonCell.Shown(to.Schema[column])}' is there twice.", "Send each column once.");
        }

        for (var i = 0; i < to.Schema.Count; i++)
        {
            if (to.IsFilled(i)) continue;
            if (to.TakesMissing(row, i))
            {
                to.NoteUnknown(row, unknown);
                continue;
            }
            to.Columns[i].AppendNull();
            if (mistakes.Note()) mistakes.List(
                row, to.Schema[i].Name, $"'{JsonCell.Shown(to.Schema[i])}' is missing.", RemedyOf(to.Schema[i], unknown));
        }

        mistakes.ThrowIfTooMany();
        to.CheckMisfits();
        return true;
    }

    /// <summary>What to do about a column that is missing.</summary>
    public static string RemedyOf(Field missing, IReadOnlyList<string>? unknown)
    {
        var near = unknown is null || missing.Name.Length > LongestName ? null : NearestName.Find(missing.Name, unknown);
        return (near is null ? "" : $"'{PrintableText.Shorten(near)}' is not a column, and names are case-sensitive. ")
            + "Send every column that the model reads; null is a missing value.";
    }

    /// <summary>Whether a member says that an object is no row.</summary>
    public delegate bool MemberTest(Utf8JsonReader reader);
}
