using System.Buffers;
using System.Text.Json;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Writes the lines of an answer.</summary>
internal static class LineFormat
{
    public static void Write(IBufferWriter<byte> to, LineAnswer answer)
    {
        using (var json = new Utf8JsonWriter(to, ProblemFormat.Readable))
        {
            json.WriteStartObject();
            json.WriteNumber("line"u8, answer.Line);
            if (answer.Answer is { } row)
            {
                AnswerFormat.WriteMembers(json, row);
                json.WriteNumber("version"u8, row.Version);
                json.WriteString("arm"u8, row.Arm);
            }
            else if (answer.Mistakes is { } mistakes)
            {
                ProblemFormat.WriteErrors(json, mistakes.Listed, mistakes.Count - mistakes.Listed.Count);
            }
            json.WriteEndObject();
        }

        End(to);
    }

    /// <summary>Writes why a stream ends before its lines do.</summary>
    public static void Write(IBufferWriter<byte> to, Rejection rejection)
    {
        using (var json = new Utf8JsonWriter(to, ProblemFormat.Readable))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("title"u8, rejection.Title);
            json.WriteNumber("status"u8, rejection.Status);
            json.WriteString("detail"u8, rejection.Message);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        End(to);
    }

    private static void End(IBufferWriter<byte> to)
    {
        to.GetSpan(1)[0] = (byte)'\n';
        to.Advance(1);
    }
}
