using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The OpenAPI document (3.1.1) of a model as it is live now. Made from its signature at each request, because the next version may read
/// other columns.
/// </summary>
internal sealed class OpenApiDocument(string model, string path, LiveModel live, ModelServingOptions options)
{
    private Schema Input => live.Package.Graph.Input;

    private LabelEncoding Labels => live.Package.Decision.Labels;

    public void Write(IBufferWriter<byte> to)
    {
        // Names of columns may be of any language.
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("openapi"u8, "3.1.1"u8);
        json.WriteStartObject("info"u8);
        json.WriteString("title"u8, model);
        json.WriteString("version"u8, live.Version.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteStartObject("paths"u8);
        WriteOperation(json, "predict", "Predicts rows", "PredictRequest", "Predictions", WritePredictRequest);
        WriteOperation(json, "labels", "Reports the true labels of earlier predictions", "Labels", "LabelReceipt", null);
        json.WriteEndObject();
        json.WriteStartObject("components"u8);
        json.WriteStartObject("schemas"u8);
        WriteRow(json);
        WriteRequests(json);
        WriteAnswers(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteOperation(
        Utf8JsonWriter json, string name, string summary, string request, string response, Action<Utf8JsonWriter>? example)
    {
        json.WriteStartObject($"{path}/{name}");
        json.WriteStartObject("post"u8);
        json.WriteString("operationId"u8, name);
        json.WriteString("summary"u8, summary);
        json.WriteStartObject("requestBody"u8);
        json.WriteBoolean("required"u8, true);
        WriteContent(json, MediaTypes.Json, request, example);
        json.WriteEndObject();
        json.WriteStartObject("responses"u8);
        json.WriteStartObject("200"u8);
        json.WriteString("description"u8, "The answer"u8);
        WriteContent(json, MediaTypes.Json, response, null);
        json.WriteEndObject();
        var isAnonymous = name == "predict" ? options.AllowAnonymousPredictions : options.AllowAnonymousLabels;
        foreach (var (status, description) in isAnonymous ? [] : Closed)
        {
            json.WriteStartObject(status);
            json.WriteString("description"u8, description);
            json.WriteEndObject();
        }

        foreach (var (status, description) in Failures)
        {
            json.WriteStartObject(status);
            json.WriteString("description"u8, description);
            WriteContent(json, ProblemFormat.MediaType, "Problem", null);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // What the authentication and the policies of the application answer has the body that they give it.
    private static readonly (string Status, string Description)[] Closed =
    [
        ("401", "There is no user"),
        ("403", "The user may not"),
    ];

    private static readonly (string Status, string Description)[] Failures =
    [
        ("400", "The body cannot be read"),
        ("404", "The model is not served here"),
        ("408", "The body did not arrive in time"),
        ("413", "The body, or its number of rows, is too large"),
        ("415", "The type of the body is not supported"),
        ("422", "The body has mistakes: all of them are listed"),
        ("429", "Too many requests are in progress"),
        ("500", "The request failed; the log of the server has the cause"),
        ("503", "No version of the model is live yet, or it is stopped"),
        ("504", "The time of the request was over"),
    ];

    private static void WriteContent(Utf8JsonWriter json, string type, string schema, Action<Utf8JsonWriter>? example)
    {
        json.WriteStartObject("content"u8);
        json.WriteStartObject(type);
        WriteReference(json, "schema", schema);
        if (example is not null)
        {
            json.WritePropertyName("example"u8);
            example(json);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter json, string member, string schema)
    {
        json.WriteStartObject(member);
        json.WriteString("$ref"u8, $"#/components/schemas/{schema}");
        json.WriteEndObject();
    }

    private void WritePredictRequest(Utf8JsonWriter json)
    {
        var example = new ExampleRow(live.Package.Baseline);
        json.WriteStartObject();
        json.WriteStartArray("rows"u8);
        json.WriteStartObject();
        foreach (var field in Input)
        {
            json.WritePropertyName(field.Name);
            example.Write(json, field);
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteRow(Utf8JsonWriter json)
    {
        json.WriteStartObject("Row"u8);
        json.WriteString("type"u8, "object"u8);
        json.WriteStartArray("required"u8);
        var rules = live.Package.InputRules;
        for (var i = 0; i < Input.Count; i++)
        {
            // The input contract may take rows without a column.
            var isRequired = rules?.Columns[i].MissingColumn is null or InputHandling.Accept or InputHandling.Reject;
            if (isRequired) json.WriteStringValue(Input[i].Name);
        }

        json.WriteEndArray();
        json.WriteStartObject("properties"u8);
        foreach (var field in Input)
        {
            json.WriteStartObject(field.Name);
            WriteType(json, field);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, Field field)
    {
        json.WriteStartArray("type"u8);
        json.WriteStringValue(field.Type switch
        {
            ColumnType.Number => "number"u8,
            ColumnType.Integer => "integer"u8,
            ColumnType.Boolean => "boolean"u8,
            ColumnType.Vector => "array"u8,
            _ => "string"u8,
        });
        json.WriteStringValue("null"u8);
        json.WriteEndArray();
        switch (field.Type)
        {
            case ColumnType.Integer: json.WriteString("format"u8, "int64"u8); break;
            case ColumnType.Number: json.WriteString("format"u8, "double"u8); break;
            case ColumnType.Timestamp: json.WriteString("format"u8, "date-time"u8); break;
            case ColumnType.Vector:
                json.WriteNumber("minItems"u8, field.Length);
                json.WriteNumber("maxItems"u8, field.Length);
                json.WriteStartObject("items"u8);
                json.WriteString("type"u8, "number"u8);
                json.WriteEndObject();
                break;
        }
    }

    private void WriteRequests(Utf8JsonWriter json)
    {
        var rows = $$$"""{"type":"array","maxItems":{{{options.BatchRows}}},"items":{"$ref":"#/components/schemas/Row"}}""";
        const string columns = """{"type":"object","description":"An array of values for each column of Row"}""";
        const string more = """
            "ids":{"type":"array","items":{"type":"string"},"description":"An id for each row: 32 hexadecimal digits, or your own key"},
            "key":{"type":"string","maxLength":256,"description":"Decides which version answers where calls are divided"}
            """;
        json.WritePropertyName("PredictRequest"u8);
        json.WriteRawValue(
            "{\"oneOf\":[" + rows + "," + Envelope("rows", rows) + "," + Envelope("columns", columns)
                + ",{\"$ref\":\"#/components/schemas/Row\"}]}");
        json.WritePropertyName("Labels"u8);
        json.WriteRawValue($$$$$"""
            {"type":"object","required":["labels"],"properties":{"labels":{"type":"object","maxProperties":{{{{{options.BatchRows}}}}},
            "description":"The label of each prediction, by its id","additionalProperties":{"type":["string","number","boolean"]}}}}
            """);

        static string Envelope(string member, string type) =>
            $$$"""{"type":"object","required":["{{{member}}}"],"properties":{"{{{member}}}":{{{type}}},{{{more}}}""" + "}}";
    }

    private void WriteAnswers(Utf8JsonWriter json)
    {
        json.WriteStartObject("Prediction"u8);
        json.WriteString("type"u8, "object"u8);
        json.WriteStartObject("properties"u8);
        json.WritePropertyName("id"u8);
        json.WriteRawValue("""{"type":"string","pattern":"^[0-9a-f]{32}$"}""");
        json.WritePropertyName("score"u8);
        json.WriteRawValue("""{"type":"number"}""");
        if (Labels.Task != TaskKind.Regression)
        {
            json.WriteStartObject("label"u8);
            json.WriteString("type"u8, "string"u8);
            json.WriteStartArray("enum"u8);
            foreach (var label in Labels.Classes) json.WriteStringValue(label);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WritePropertyName("scores"u8);
        json.WriteRawValue(
            $$$"""{"type":"array","minItems":{{{Labels.Outputs}}},"maxItems":{{{Labels.Outputs}}},"items":{"type":"number"}}""");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WritePropertyName("Predictions"u8);
        json.WriteRawValue("""
            {"type":"object","properties":{"model":{"type":"string"},"version":{"type":"integer"},"arm":{"type":"string"},
            "predictions":{"type":"array","items":{"$ref":"#/components/schemas/Prediction"}}}}
            """);
        json.WritePropertyName("LabelReceipt"u8);
        json.WriteRawValue("""
            {"type":"object","properties":{"added":{"type":"integer"},"changed":{"type":"integer"},"unchanged":{"type":"integer"},
            "unmatched":{"type":"array","items":{"type":"string"}}}}
            """);
        json.WritePropertyName("Problem"u8);
        json.WriteRawValue("""
            {"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
            "detail":{"type":"string"},"errors":{"type":"array","items":{"type":"object","properties":{"row":{"type":"integer"},
            "column":{"type":"string"},"problem":{"type":"string"},"remedy":{"type":"string"}}}},"moreErrors":{"type":"integer"}}}
            """);
    }
}
