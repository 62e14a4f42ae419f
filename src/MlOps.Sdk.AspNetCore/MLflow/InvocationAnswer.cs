using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace MlOps.Sdk.AspNetCore;

/// <summary>An answer of MLflow's scoring server.</summary>
/// <param name="Answers">The answers.</param>
/// <param name="IsRecords">Whether each is an object with score, label and id, rather than the label or number alone.</param>
internal sealed record InvocationAnswer(Answers Answers, bool IsRecords)
{
    public void Write(IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to, AnswerFormat.Unchecked);
        json.WriteStartObject();
        json.WriteStartArray("predictions"u8);
        foreach (var row in Answers.Rows)
        {
            if (IsRecords)
            {
                json.WriteStartObject();
                json.WriteString("prediction_id"u8, row.Id.ToString());
                json.WriteNumber("score"u8, row.Value.Score);
                if (row.Value.Label is { } name) json.WriteString("label"u8, name);
                json.WriteEndObject();
            }
            else if (row.Value.Label is { } label)
            {
                json.WriteStringValue(label);
            }
            else
            {
                json.WriteNumberValue(row.Value.Score);
            }
        }

        json.WriteEndArray();
        json.WriteString("model_version"u8, Answers.Version.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
