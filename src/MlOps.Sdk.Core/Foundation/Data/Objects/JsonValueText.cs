using System.Text.Json;

namespace MlOps.Sdk.Data;

/// <summary>What messages say of a value of JSON that a column cannot hold.</summary>
internal static class JsonValueText
{
    /// <summary>What to send for a column.</summary>
    public static string RemedyOf(Field field) => field.Type switch
    {
        ColumnType.Number => "Send a number that a double can hold, or null for a missing value.",
        ColumnType.Integer => "Send a whole number of 64 bits, or null for a missing value.",
        ColumnType.Boolean => "Send true or false, or null for a missing value.",
        ColumnType.Text => "Send a text, exactly as in the training rows, or null for a missing value.",
        ColumnType.Timestamp => "Send a text such as 2024-01-31T12:00:00Z, or null for a missing value.",
        _ => FormattableString.Invariant($"Send an array of {field.Length} numbers, or null for a missing value."),
    };

    /// <summary>The value, in words.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => FormattableString.Invariant($"an array of {value.GetArrayLength()} elements"),
        JsonValueKind.String => $"the text '{PrintableText.Shorten(value.GetString()!)}'",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => $"the number {PrintableText.Shorten(value.GetRawText())}",
    };
}
