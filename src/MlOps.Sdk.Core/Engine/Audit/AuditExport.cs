using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>
/// Writes entries for those who have no part in the workspace. Each has the hash before it, so that it can be verified alone.
/// </summary>
internal static class AuditExport
{
    public const string Headings = "sequence,at,actor,action,subject,details,previous,hash\r\n";

    // What these hold is JSON of its own.
    private static readonly SearchValues<string> Nested = SearchValues.Create(
        ["metrics", "gates", "arms", "shadows", "fallback", "policy", "authors", "roles"], StringComparison.Ordinal);

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static void WriteJson(IBufferWriter<byte> to, AuditRow entry, string previous)
    {
        using (var writer = new Utf8JsonWriter(to))
        {
            writer.WriteStartObject();
            writer.WriteNumber("sequence", entry.Sequence);
            writer.WriteString("at", Time(entry));
            writer.WriteString("actor", entry.Actor);
            writer.WriteString("action", entry.Action);
            writer.WriteString("subject", entry.Subject);
            writer.WritePropertyName("details");
            WriteDetails(writer, entry.Details);
            writer.WriteString("detailsText", entry.Details);
            writer.WriteString("previous", previous);
            writer.WriteString("hash", entry.Hash);
            writer.WriteEndObject();
        }

        to.Write("\n"u8);
    }

    public static void WriteCsv(IBufferWriter<byte> to, AuditRow entry, string previous)
    {
        var line = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{entry.Sequence},{Time(entry)}");
        foreach (var text in (ReadOnlySpan<string>)[entry.Actor, entry.Action, entry.Subject, entry.Details])
        {
            // A spreadsheet computes what begins like a formula. The apostrophe can be taken off again: a text that begins with one gets
            // another.
            var shown = text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\'', ..] ? $"'{text}" : text;
            line.Append(',').Append(shown.AsSpan().ContainsAny(Quoted) ? $"\"{shown.Replace("\"", "\"\"")}\"" : shown);
        }

        line.Append(CultureInfo.InvariantCulture, $",{previous},{entry.Hash}\r\n");
        Encoding.UTF8.GetBytes(line.ToString(), to);
    }

    private static void WriteDetails(Utf8JsonWriter writer, string details)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(details);
        }
        catch (JsonException)
        {
            // Earlier versions of the library wrote sentences in some entries.
            writer.WriteStringValue(details);
            return;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                document.RootElement.WriteTo(writer);
                return;
            }
            writer.WriteStartObject();
            foreach (var field in document.RootElement.EnumerateObject())
            {
                writer.WritePropertyName(field.Name);
                if (!Nested.Contains(field.Name) || !TryWriteNested(writer, field.Value)) field.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }
    }

    private static bool TryWriteNested(Utf8JsonWriter writer, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return false;
        try
        {
            using var inner = JsonDocument.Parse(value.GetString()!);
            inner.RootElement.WriteTo(writer);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Time(AuditRow entry) => StoredRecord.Read(
        $"audit entry {entry.Sequence}", () => Ticks.ToTime(entry.At).UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
}
