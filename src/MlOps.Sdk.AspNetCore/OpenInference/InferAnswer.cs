using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>An answer of the Open Inference Protocol.</summary>
/// <param name="Answers">The answers.</param>
/// <param name="Id">What the request is called; <see langword="null"/> for nothing.</param>
/// <param name="Outputs">The outputs that are wanted; <see langword="null"/> for all.</param>
internal sealed record InferAnswer(Answers Answers, string? Id, IReadOnlyList<string>? Outputs)
{
    private const string Score = "score";
    private const string Scores = "scores";
    private const string Label = "label";
    private const string PredictionIds = "prediction_id";

    /// <summary>The outputs of a model, with their types and what their shape has beside the rows.</summary>
    public static IReadOnlyList<(string Name, string Type, int? Width)> OutputsOf(LabelEncoding labels) =>
    [
        (Score, "FP64", null),
        .. labels.Task == TaskKind.MulticlassClassification ? [(Scores, "FP64", labels.Outputs)] : Array.Empty<(string, string, int?)>(),
        .. labels.Task == TaskKind.Regression ? Array.Empty<(string, string, int?)>() : [(Label, "BYTES", null)],
        (PredictionIds, "BYTES", null),
    ];

    public void Write(IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to, AnswerFormat.Unchecked);
        json.WriteStartObject();
        json.WriteString("model_name"u8, Answers.Model);
        json.WriteString("model_version"u8, Answers.Version.ToString(CultureInfo.InvariantCulture));
        if (Id is not null) json.WriteString("id"u8, Id);
        json.WriteStartObject("parameters"u8);
        json.WriteString("arm"u8, Answers.Arm);
        json.WriteEndObject();
        json.WriteStartArray("outputs"u8);
        foreach (var (name, type, width) in OutputsOf(Answers.Labels))
        {
            if (Outputs is { Count: > 0 } && !Outputs.Contains(name)) continue;
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteString("datatype"u8, type);
            json.WriteStartArray("shape"u8);
            json.WriteNumberValue(Answers.Rows.Count);
            if (width is { } columns) json.WriteNumberValue(columns);
            json.WriteEndArray();
            json.WriteStartArray("data"u8);
            foreach (var row in Answers.Rows) WriteValue(json, name, row);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, Prediction<RowAnswer> row)
    {
        switch (name)
        {
            case Score: json.WriteNumberValue(row.Value.Score); break;
            case Label: json.WriteStringValue(row.Value.Label); break;
            case PredictionIds: json.WriteStringValue(row.Id.ToString()); break;
            default:
                foreach (var score in row.Value.Scores) json.WriteNumberValue(score);
                break;
        }
    }
}
