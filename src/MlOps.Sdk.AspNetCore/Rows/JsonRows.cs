using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Rows of JSON: an array of objects, one object, or an object with <c>rows</c> or <c>columns</c>, and perhaps <c>ids</c> and <c>key</c>.
/// </summary>
internal sealed class JsonRows(ReadOnlyMemory<byte> body, ModelServingOptions options) : RequestRows
{
    private const int LongestKey = 256;
    private const string Forms =
        "Send an array of rows, one row, or an object with the member rows or columns, and perhaps ids and key.";

    public override void Read(RowBuffer to, Mistakes mistakes)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = options.JsonDepth });
        try
        {
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray: ReadRows(ref reader, to, mistakes); break;
                case JsonTokenType.StartObject: ReadObject(ref reader, to, mistakes); break;
                default: throw Rejection.BadRequest($"The body is not rows. {Forms}");
            }

            // What follows must not be there.
            reader.Read();
        }
        catch (JsonException e)
        {
            throw Rejection.BadJson(e.LineNumber ?? 0, e.BytePositionInLine ?? 0, options.JsonDepth);
        }
    }

    public override RowRouting RoutingOf(Schema live)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = options.JsonDepth });
        var isEnvelope = false;
        string? key = null;
        PredictionId? id = null;
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                isEnvelope |= IsEnvelope(reader) && JsonText.Of(ref reader) is { } name && !live.Contains(name);
                var (isKey, isIds) = (JsonText.Is(ref reader, "key"u8), JsonText.Is(ref reader, "ids"u8));
                reader.Read();
                if (isKey && key is null && reader.TokenType == JsonTokenType.String) key = KeyOf(ref reader);
                if (isIds && id is null && reader.TokenType == JsonTokenType.StartArray) id = OnlyIdOf(reader);
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Whoever reads the rows says so.
            return default;
        }

        return isEnvelope ? new RowRouting(key, id) : default;
    }

    private static string? KeyOf(ref Utf8JsonReader reader) =>
        JsonText.Of(ref reader) is { Length: > 0 and <= LongestKey } key ? key : null;

    private static PredictionId? OnlyIdOf(Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.String) return null;
        var id = IdOf(JsonText.Of(ref reader));
        return reader.Read() && reader.TokenType == JsonTokenType.EndArray ? id : null;
    }

    private void ReadObject(ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes)
    {
        var beginning = reader;
        if (JsonRow.Read(ref reader, to, mistakes, options.BatchRows, IsEnvelope))
        {
            if (mistakes.Count > 0 && FindMeantAsRows(beginning, to) is { } member)
            {
                // A mistake for each column would hide the one that was made.
                mistakes.Clear();
                var near = NearestName.Find(member, ["rows", "columns"]);
                mistakes.Add(
                    null,
                    member,
                    $"The body has no column of the model, and '{PrintableText.Shorten(member)}' is none.",
                    (near is null ? "" : $"Did you mean '{near}'? ") + Forms);
            }
            return;
        }
        to.Clear();
        mistakes.Clear();
        reader = beginning;
        ReadEnvelope(ref reader, to, mistakes);
    }

    // The first member with rows or columns in it, of an object that has nothing of a row.
    private static string? FindMeantAsRows(Utf8JsonReader reader, RowBuffer to)
    {
        string? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (to.Index.Find(ref reader, 0) >= 0) return null;
            var name = JsonText.Of(ref reader);
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) found ??= name;
            reader.Skip();
        }

        return found;
    }

    private static bool IsEnvelope(Utf8JsonReader reader)
    {
        var opening = JsonText.Is(ref reader, "rows"u8) ? JsonTokenType.StartArray
            : JsonText.Is(ref reader, "columns"u8) ? JsonTokenType.StartObject
            : JsonTokenType.None;
        return opening != JsonTokenType.None && reader.Read() && reader.TokenType == opening;
    }

    private void ReadRows(ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                JsonRow.Read(ref reader, to, mistakes, options.BatchRows);
                continue;
            }
            mistakes.Add(to.Count, null, "The row is not an object.", "Send an object with a member for each column.");
            reader.Skip();
            to.Begin(options.BatchRows);
            foreach (var column in to.Columns) column.AppendNull();
        }
    }

    private void ReadEnvelope(ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonText.Of(ref reader);
            reader.Read();
            if (member is "rows" or "columns" or "ids" or "key" && !seen.Add(member))
            {
                mistakes.Add(null, member, $"'{member}' is there twice.", "Send each member once.");
                reader.Skip();
                continue;
            }
            switch (member)
            {
                case "rows" or "columns" when seen.Contains("rows") && seen.Contains("columns"):
                    mistakes.Add(null, member, "The body has rows and columns.", "Send one of the two.");
                    reader.Skip();
                    break;
                case "rows" when reader.TokenType == JsonTokenType.StartArray: ReadRows(ref reader, to, mistakes); break;
                case "columns" when reader.TokenType == JsonTokenType.StartObject:
                    JsonColumns.Read(ref reader, to, mistakes, options.BatchRows);
                    break;
                case "ids" when reader.TokenType == JsonTokenType.StartArray: ReadIds(ref reader, to, mistakes); break;
                case "key" when reader.TokenType == JsonTokenType.String && KeyOf(ref reader) is { } key: to.Key = key; break;
                case "key" or "ids" when reader.TokenType == JsonTokenType.Null: break;
                case "key":
                    mistakes.Add(
                        null,
                        member,
                        "The key is not a text of 1 to 256 characters.",
                        "Send what identifies the customer, or leave it out.");
                    reader.Skip();
                    break;
                default:
                    if (mistakes.Note())
                    {
                        mistakes.List(
                            null,
                            member,
                            member is "rows" or "columns" or "ids" ? "The member has a wrong type." : "The member is unknown.",
                            Forms);
                    }
                    reader.Skip();
                    break;
            }
        }

        if (FirstRepeated(to.Ids) is { } repeated)
        {
            mistakes.Add(
                repeated, "ids", "The id is there twice.", "Send each id once: a repeated id is recorded once, with its first row.");
        }

        if (to.Ids.Count > 0 && to.Ids.Count != to.Count)
        {
            mistakes.Add(
                null,
                "ids",
                FormattableString.Invariant($"There are {to.Ids.Count} ids for {to.Count} rows."),
                "Send an id for each row, or none.");
        }
    }

    private static int? FirstRepeated(List<PredictionId> ids)
    {
        if (ids.Count < 2) return null;
        var seen = new HashSet<PredictionId>(ids.Count);
        var first = ids.FindIndex(id => !seen.Add(id));
        return first < 0 ? null : first;
    }

    private void ReadIds(ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (to.Ids.Count >= options.BatchRows) throw Rejection.TooManyRows(options.BatchRows, "ids");
            var text = reader.TokenType == JsonTokenType.String ? JsonText.Of(ref reader) : null;
            if (IdOf(text) is not { } id)
            {
                mistakes.Add(to.Ids.Count, "ids", "The id is not a text.", "Send 32 hexadecimal digits, or a key of your own.");
                reader.Skip();
                id = PredictionId.New();
            }
            to.Ids.Add(id);
        }
    }

    /// <summary>The id that a caller names: its 32 hexadecimal digits, or a key of the caller's own; <see langword="null"/> for
    /// neither.</summary>
    public static PredictionId? IdOf(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (PredictionId.TryParse(text, out var id)) return id == default ? null : id;
        try
        {
            return PredictionId.FromKey(text);
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair is no character.
            return null;
        }
    }
}
