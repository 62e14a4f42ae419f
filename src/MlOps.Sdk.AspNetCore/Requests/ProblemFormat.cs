using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Writes rejections as problem details (RFC 9457), with all mistakes.</summary>
internal static class ProblemFormat
{
    public const string MediaType = "application/problem+json";

    private const int TextMistakes = 5;

    // The type of the body, and the header against guessing it, keep it from being read as a page.
    public static JsonWriterOptions Readable { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> to, Rejection rejection)
    {
        using var json = new Utf8JsonWriter(to, Readable);
        json.WriteStartObject();
        json.WriteString("type"u8, "about:blank"u8);
        json.WriteString("title"u8, rejection.Title);
        json.WriteNumber("status"u8, rejection.Status);
        json.WriteString("detail"u8, rejection.Message);
        WriteErrors(json, rejection.Errors, rejection.MoreErrors);
        json.WriteEndObject();
    }

    /// <summary>A rejection as a text, for callers who read nothing else: with its first mistakes.</summary>
    public static string TextOf(Rejection rejection)
    {
        var text = new StringBuilder(rejection.Message);
        foreach (var error in rejection.Errors.Take(TextMistakes))
        {
            text.Append(' ');
            if (error.Row is { } row) text.Append(CultureInfo.InvariantCulture, $"Row {row}: ");
            text.Append(error.Problem == rejection.Message ? "" : $"{error.Problem} ").Append(error.Remedy);
        }

        return text.ToString();
    }

    /// <summary>Writes the members of mistakes; none where there are none.</summary>
    public static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<Mistake> errors, int more)
    {
        if (errors.Count == 0) return;
        json.WriteStartArray("errors"u8);
        foreach (var error in errors)
        {
            json.WriteStartObject();
            if (error.Row is { } row) json.WriteNumber("row"u8, row);
            if (error.Column is { } column) json.WriteString("column"u8, column);
            if (error.Id is { } id) json.WriteString("id"u8, id);
            json.WriteString("problem"u8, error.Problem);
            if (error.Remedy is { } remedy) json.WriteString("remedy"u8, remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (more > 0) json.WriteNumber("moreErrors"u8, more);
    }
}
