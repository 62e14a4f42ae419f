using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Writes answers as JSON.</summary>
internal static class AnswerFormat
{
    // Used by one thread at a time, and never across an await.
    [ThreadStatic]
    private static Utf8JsonWriter? s_writer;

    public static void Write(IBufferWriter<byte> to, Answers answers)
    {
        var json = s_writer ??= new Utf8JsonWriter(to, Unchecked);
        json.Reset(to);
        try
        {
            Write(json, answers);
            json.Flush();
        }
        finally
        {
            // It must not keep the buffer, nor what failed.
            json.Reset(Stream.Null);
        }
    }

    private static void Write(Utf8JsonWriter json, Answers answers)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, answers.Model);
        json.WriteNumber("version"u8, answers.Version);
        json.WriteString("arm"u8, answers.Arm);
        json.WriteStartArray("predictions"u8);
        foreach (var row in answers.Rows)
        {
            json.WriteStartObject();
            WriteMembers(json, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What is written has the right structure.</summary>
    public static JsonWriterOptions Unchecked { get; } = new() { SkipValidation = true };

    /// <summary>Writes the members of an answer into an object.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Prediction<RowAnswer> row)
    {
        json.WriteString("id"u8, row.Id.ToString());
        json.WriteNumber("score"u8, row.Value.Score);
        if (row.Value.Label is { } label) json.WriteString("label"u8, label);
        json.WriteStartArray("scores"u8);
        foreach (var score in row.Value.Scores) json.WriteNumberValue(score);
        json.WriteEndArray();
        if (row.IsFlagged) json.WriteNumber("flags"u8, row.Flags);
    }
}
