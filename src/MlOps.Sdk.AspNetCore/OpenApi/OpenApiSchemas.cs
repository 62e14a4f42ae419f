using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The schemas of requests and answers of a model. A row that has them answers whichever arm it falls on: it has the columns of all arms.
/// </summary>
internal sealed class OpenApiSchemas
{
    private readonly ModelServingOptions _options;
    private readonly LiveModel[] _live;
    private readonly List<Column> _columns = [];

    /// <param name="route">What answers the calls.</param>
    /// <param name="options">The limits.</param>
    public OpenApiSchemas(LiveRoute route, ModelServingOptions options)
    {
        (_options, _live) = (options, [.. route.Models.DistinctBy(live => live.Version)]);
        foreach (var live in _live)
        {
            var input = live.Package.Graph.Input;
            for (var i = 0; i < input.Count; i++)
            {
                var field = input[i];
                var isRequired = ModelDescription.IsRequired(live.Package.InputRules, i);
                var column = _columns.Find(one => one.Name == field.Name);
                if (column is null) _columns.Add(column = new Column(field.Name, live));
                column.Types.Add((live.Version, field));
                column.IsRequired |= isRequired;
            }
        }
    }

    private LabelEncoding Labels => _live[0].Package.Decision.Labels;

    public void Write(Utf8JsonWriter json)
    {
        WriteRow(json);
        WriteRequests(json);
        WriteAnswers(json);
    }

    /// <summary>A request that every arm answers.</summary>
    public void WriteExample(Utf8JsonWriter json)
    {
        var examples = _live.ToDictionary(live => live.Version, live => new ExampleRow(live.Package.Baseline));
        json.WriteStartObject();
        json.WriteStartArray("rows"u8);
        json.WriteStartObject();
        foreach (var column in _columns)
        {
            json.WritePropertyName(column.Name);
            examples[column.First.Version].Write(json, column.Types[0].Field);
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
        foreach (var column in _columns.Where(column => column.IsRequired)) json.WriteStringValue(column.Name);
        json.WriteEndArray();
        json.WriteStartObject("properties"u8);
        foreach (var column in _columns)
        {
            json.WriteStartObject(column.Name);
            if (column.Types.Select(type => (type.Field.Type, type.Field.Length)).Distinct().Count() == 1)
            {
                WriteType(json, column.Types[0].Field);
            }
            else
            {
                // Arms read it differently: what all of them take must hold for each.
                json.WriteStartArray("allOf"u8);
                foreach (var (_, field) in column.Types)
                {
                    json.WriteStartObject();
                    WriteType(json, field);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }
            if (column.Types.Count < _live.Length)
            {
                var versions = column.Types.Select(type => type.Version.ToString(CultureInfo.InvariantCulture));
                json.WriteString("description"u8, $"Read by version {string.Join(" and ", versions)} alone");
            }
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
        var rows = $$$"""{"type":"array","maxItems":{{{_options.BatchRows}}},"items":{"$ref":"#/components/schemas/Row"}}""";
        const string columns = """{"type":"object","description":"An array of values for each column of Row"}""";
        const string more = """
            "ids":{"type":"array","items":{"type":"string"},"description":"An id of each row, once: 32 hexadecimal digits, or your key"},
            "key":{"type":"string","maxLength":256,"description":"Decides which version answers where calls are divided"}
            """;
        json.WritePropertyName("PredictRequest"u8);
        json.WriteRawValue(
            "{\"oneOf\":[" + rows + "," + Envelope("rows", rows) + "," + Envelope("columns", columns)
                + ",{\"$ref\":\"#/components/schemas/Row\"}]}");
        json.WritePropertyName("Labels"u8);
        json.WriteRawValue($$$$$"""
            {"type":"object","required":["labels"],"properties":{"labels":{"type":"object","maxProperties":{{{{{_options.BatchRows}}}}},
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
            foreach (var label in _live.SelectMany(live => live.Package.Decision.Labels.Classes).Distinct(StringComparer.Ordinal))
            {
                json.WriteStringValue(label);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WritePropertyName("scores"u8);
        int[] outputs = [.. _live.Select(live => live.Package.Decision.Labels.Outputs)];
        json.WriteRawValue(
            $$$"""{"type":"array","minItems":{{{outputs.Min()}}},"maxItems":{{{outputs.Max()}}},"items":{"type":"number"}}""");
        json.WritePropertyName("flags"u8);
        json.WriteRawValue(
            """{"type":"integer","minimum":1,"description":"How many values the input contract flagged; left out when there are none"}""");
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
            "unmatched":{"type":"array","items":{"type":"string"},"description":"As the caller sent them"}}}
            """);
        json.WritePropertyName("Problem"u8);
        json.WriteRawValue("""
            {"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
            "detail":{"type":"string"},"errors":{"type":"array","items":{"type":"object","properties":{"row":{"type":"integer"},
            "column":{"type":"string"},"id":{"type":"string"},"problem":{"type":"string"},"remedy":{"type":"string"}}}},
            "moreErrors":{"type":"integer"}}}
            """);
    }

    /// <summary>A column, as the arms read it.</summary>
    private sealed class Column(string name, LiveModel first)
    {
        public string Name => name;

        public LiveModel First => first;

        public List<(int Version, Field Field)> Types { get; } = [];

        public bool IsRequired { get; set; }
    }
}
