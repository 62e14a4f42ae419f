using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Reads a value of JSON into a column, by the same rule as every value that the library takes (<see cref="CellConversion"/>): what is
/// common is read straight from the bytes, everything else takes the way through a <see cref="JsonElement"/>.
/// </summary>
internal static class JsonCell
{
    /// <summary>Appends the value that a reader stands on, and moves the reader to its end.</summary>
    /// <returns>Whether it fits; one that does not is appended as missing, and noted.</returns>
    public static bool Append(ref Utf8JsonReader reader, Field field, ColumnBuilder to, int row, Mistakes mistakes)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                to.AppendNull();
                return true;
            case JsonTokenType.Number when to is NumberColumnBuilder numbers
                && reader.TryGetDouble(out var number)
                && double.IsFinite(number):
                numbers.Append(number);
                return true;
            case JsonTokenType.Number when to is IntegerColumnBuilder integers && reader.TryGetInt64(out var whole):
                integers.Append(whole);
                return true;
            case JsonTokenType.True or JsonTokenType.False when to is BooleanColumnBuilder flags:
                flags.Append(reader.TokenType == JsonTokenType.True);
                return true;
            case JsonTokenType.String when to is TextColumnBuilder texts:
                if (JsonText.Of(ref reader) is not { } text) return Misfit(
                    "not text: its characters are not valid", field, to, row, mistakes);
                texts.AppendUncoded(text);
                return true;
        }

        // Of an element, texts that are not valid throw when they are read.
        if (reader.TokenType == JsonTokenType.String && JsonText.Of(ref reader) is null)
        {
            return Misfit("not text: its characters are not valid", field, to, row, mistakes);
        }
        var element = JsonElement.ParseValue(ref reader);
        if (CellConversion.Of(element, field) is { Fits: true } cell)
        {
            cell.AppendTo(to, coded: false);
            return true;
        }
        if (to.Misfits is { } misfits)
        {
            // The input contract handles it.
            misfits.Add((to.Count, element));
            to.AppendNull();
            return true;
        }
        to.AppendNull();
        if (mistakes.Note()) mistakes.List(
            row, field.Name, $"The value of '{Shown(field)}' is {JsonValueText.Describe(element)}.", JsonValueText.RemedyOf(field));
        return false;
    }

    /// <summary>The name of a column, as it may stand in a message.</summary>
    public static string Shown(Field field) => PrintableText.Shorten(field.Name);

    private static bool Misfit(string what, Field field, ColumnBuilder to, int row, Mistakes mistakes)
    {
        to.AppendNull();
        mistakes.Add(row, field.Name, $"The value of '{Shown(field)}' is {what}.", JsonValueText.RemedyOf(field));
        return false;
    }
}
