using System.Buffers;
using System.Text.Json;

namespace MlOps.Sdk.Monitoring;

/// <summary>Writes what webhooks are told, as UTF-8.</summary>
internal static class WebhookBody
{
    public const string Schema = "mlops.alert/1";

    // Slack takes 150 characters in a headline and 3,000 in a section, escaped.
    private const int LongestTitle = 140;
    private const int LongestText = 2_900;
    private const int MostSubjects = 1_000;

    public static byte[] Write(Alert alert, WebhookFormat format) => Write(
        format, AlertText.Title(alert), alert.Message, AlertText.Details(alert), json => WriteJson(json, alert));

    /// <param name="format">How it is written.</param>
    /// <param name="title">A message's headline.</param>
    /// <param name="text">Its text.</param>
    /// <param name="details">Its last line.</param>
    /// <param name="write">Writes an object for a receiver of one's own.</param>
    public static byte[] Write(WebhookFormat format, string title, string text, string details, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            switch (format)
            {
                case WebhookFormat.Slack:
                    WriteSlack(json, title, text, details);
                    break;
                case WebhookFormat.Teams:
                    WriteTeams(json, title, text, details);
                    break;
                default:
                    write(json);
                    break;
            }
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteJson(Utf8JsonWriter json, Alert alert)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("id", alert.Id);
        json.WriteString("kind", alert.Kind.ToString());
        json.WriteString("model", alert.Model);
        json.WriteNumber("version", alert.Version);
        json.WriteString("at", alert.At.UtcDateTime);
        json.WriteStartArray("signals");
        foreach (var signal in alert.Signals) json.WriteStringValue(signal.ToString());
        json.WriteEndArray();
        json.WriteStartArray("subjects");
        foreach (var subject in alert.Subjects.Take(MostSubjects))
        {
            json.WriteStartObject();
            json.WriteString("signal", subject.Signal.ToString());
            json.WriteString("subject", subject.Subject);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("message", alert.Message);
        json.WriteEndObject();
    }

    // Plain text, where Slack looks for no markup; the line of the notification has no such kind.
    private static void WriteSlack(Utf8JsonWriter json, string title, string text, string details)
    {
        json.WriteStartObject();
        json.WriteString("text", AlertText.Slack(title, LongestTitle));
        json.WriteString("parse", "none");
        json.WriteBoolean("link_names", false);
        json.WriteBoolean("unfurl_links", false);
        json.WriteBoolean("unfurl_media", false);
        json.WriteStartArray("blocks");
        WriteBlock(json, "header", AlertText.Slack(title, LongestTitle));
        WriteBlock(json, "section", AlertText.Slack(text, LongestText));
        json.WriteStartObject();
        json.WriteString("type", "context");
        json.WriteStartArray("elements");
        WritePlain(json, AlertText.Slack(details, LongestText));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter json, string type, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WritePropertyName("text");
        WritePlain(json, text);
        json.WriteEndObject();
    }

    private static void WritePlain(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "plain_text");
        json.WriteString("text", text);
        json.WriteBoolean("emoji", false);
        json.WriteEndObject();
    }

    // Runs of text in place of blocks of text: only those have Markdown.
    private static void WriteTeams(Utf8JsonWriter json, string title, string text, string details)
    {
        json.WriteStartObject();
        json.WriteString("type", "message");
        json.WriteStartArray("attachments");
        json.WriteStartObject();
        json.WriteString("contentType", "application/vnd.microsoft.card.adaptive");
        json.WriteNull("contentUrl");
        json.WriteStartObject("content");
        json.WriteString("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        json.WriteString("type", "AdaptiveCard");
        json.WriteString("version", "1.4");
        json.WriteStartArray("body");
        WriteRun(json, AlertText.Plain(title, LongestTitle), "weight", "bolder");
        WriteRun(json, AlertText.Plain(text, LongestText), "size", "default");
        WriteRun(json, AlertText.Plain(details, LongestText), "size", "small");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, string text, string style, string value)
    {
        json.WriteStartObject();
        json.WriteString("type", "RichTextBlock");
        json.WriteStartArray("inlines");
        json.WriteStartObject();
        json.WriteString("type", "TextRun");
        json.WriteString("text", text);
        json.WriteString(style, value);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
