using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The OpenAPI document (3.1.1) of a model as it is served now. Made from the signatures of its arms at each request, because the next
/// version may read other columns.
/// </summary>
/// <param name="model">The model's name.</param>
/// <param name="path">The path of its routes.</param>
/// <param name="route">What answers its calls.</param>
/// <param name="options">The limits.</param>
/// <param name="callers">How callers of each kind of route say who they are.</param>
internal sealed class OpenApiDocument(string model, string path, LiveRoute route, ModelServingOptions options, OpenApiCallers callers)
{
    private readonly OpenApiSchemas _schemas = new(route, options);

    public void Write(IBufferWriter<byte> to)
    {
        // Names of columns may be of any language.
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("openapi"u8, "3.1.1"u8);
        json.WriteStartObject("info"u8);
        json.WriteString("title"u8, model);
        json.WriteString("version"u8, route.Main.Live.Version.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteStartObject("paths"u8);
        WritePath(json, Predict);
        WritePath(json, Labels);
        foreach (var operations in callers.MayRelease ? OpenApiReleases.Operations : []) WritePath(json, [.. operations]);
        json.WriteEndObject();
        json.WriteStartObject("components"u8);
        json.WriteStartObject("schemas"u8);
        _schemas.Write(json);
        if (callers.MayRelease) OpenApiReleases.WriteSchemas(json);
        json.WriteEndObject();
        WriteSecuritySchemes(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static OpenApiOperation Predict { get; } = new("post", "/predict", "predict", "Predicts rows", "PredictRequest", "Predictions")
    {
        HasKey = true,
        OtherRequests =
        [
            (MediaTypes.Lines, "A Row on each line, as JSON"),
            (MediaTypes.ArrowStream, "A table in the Arrow IPC streaming format, with a column for each property of Row"),
            (MediaTypes.ArrowFile, "The same in the Arrow IPC file format"),
        ],
        OtherResponses =
        [
            (MediaTypes.Lines, "On each line a Prediction with line, version and arm, or line and errors, as JSON"),
            (MediaTypes.ArrowStream, "A table with prediction_id, model_version, arm, score or score_<class>, and decision"),
            (MediaTypes.ArrowFile, "The same in the Arrow IPC file format"),
        ],
    };

    private static OpenApiOperation Labels { get; } = new(
        "post", "/labels", "labels", "Reports the true labels of earlier predictions", "Labels", "LabelReceipt");

    private void WritePath(Utf8JsonWriter json, params OpenApiOperation[] operations)
    {
        json.WriteStartObject(path + operations[0].Path);
        foreach (var operation in operations) WriteOperation(json, operation);
        json.WriteEndObject();
    }

    private void WriteOperation(Utf8JsonWriter json, OpenApiOperation operation)
    {
        json.WriteStartObject(operation.Method);
        json.WriteString("operationId"u8, operation.Id);
        json.WriteString("summary"u8, operation.Summary);
        json.WriteStartArray("parameters"u8);
        if (operation.HasKey)
        {
            WriteParameter(
                json,
                RoutingKey.Header,
                """{"type":"string","minLength":1,"maxLength":256}""",
                "Decides which version answers where calls are divided");
        }
        if (operation.HasLimit)
        {
            WriteParameter(
                json,
                "limit",
                FormattableString.Invariant(
                    $$"""{"type":"integer","minimum":1,"maximum":{{ReleaseRoutes.LargestLimit}},"default":{{ReleaseRoutes.UsualLimit}}}"""),
                "How many entries of each list, the newest first",
                place: "query");
        }
        WriteParameter(
            json,
            RequestTime.Header,
            """{"type":"integer","minimum":1}""",
            "How long the request may take, where that is less than the server allows");
        json.WriteEndArray();
        var (security, isAnonymous) = operation == Predict ? (callers.Predict, options.AllowAnonymousPredictions)
            : operation == Labels ? (callers.Label, options.AllowAnonymousLabels)
            : (callers.Admin, false);
        if (security.Count > 0) WriteSecurity(json, security);
        if (operation.Request is { } request)
        {
            json.WriteStartObject("requestBody"u8);
            json.WriteBoolean("required"u8, true);
            WriteContent(json, MediaTypes.Json, request, operation.OtherRequests, operation == Predict ? _schemas.WriteExample : null);
            json.WriteEndObject();
        }
        if (operation.Binary is var (binary, described))
        {
            json.WriteStartObject("requestBody"u8);
            json.WriteBoolean("required"u8, true);
            json.WriteStartObject("content"u8);
            json.WriteStartObject(binary);
            json.WriteStartObject("schema"u8);
            json.WriteString("description"u8, described);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteStartObject("responses"u8);
        json.WriteStartObject("200"u8);
        json.WriteString("description"u8, "The answer"u8);
        WriteContent(json, MediaTypes.Json, operation.Response, operation.OtherResponses, null);
        json.WriteEndObject();
        foreach (var (status, description) in isAnonymous ? [] : Closed)
        {
            json.WriteStartObject(status);
            json.WriteString("description"u8, description);
            json.WriteEndObject();
        }

        foreach (var (status, description) in Failures) WriteFailure(json, status, description);
        if ((operation.Request is not null || operation.Binary is not null) && operation != Predict && operation != Labels)
        {
            WriteFailure(json, "409", "The model was changed meanwhile");
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFailure(Utf8JsonWriter json, string status, string description)
    {
        json.WriteStartObject(status);
        json.WriteString("description"u8, description);
        WriteContent(json, ProblemFormat.MediaType, "Problem", [], null);
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
        ("400", "The request cannot be read"),
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

    private static void WriteParameter(Utf8JsonWriter json, string name, string schema, string description, string place = "header")
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("in"u8, place);
        json.WriteString("description"u8, description);
        json.WritePropertyName("schema"u8);
        json.WriteRawValue(schema);
        json.WriteEndObject();
    }

    private void WriteSecuritySchemes(Utf8JsonWriter json)
    {
        OpenApiSecurity[] all = [.. callers.Predict.Concat(callers.Label).Concat(callers.Admin).DistinctBy(scheme => scheme.Name)];
        if (all.Length == 0) return;
        json.WriteStartObject("securitySchemes"u8);
        foreach (var scheme in all)
        {
            json.WritePropertyName(scheme.Name);
            json.WriteRawValue(scheme.Type);
        }

        json.WriteEndObject();
    }

    // Each is enough by itself.
    private static void WriteSecurity(Utf8JsonWriter json, IReadOnlyList<OpenApiSecurity> schemes)
    {
        json.WriteStartArray("security"u8);
        foreach (var scheme in schemes)
        {
            json.WriteStartObject();
            json.WriteStartArray(scheme.Name);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteContent(
        Utf8JsonWriter json,
        string type,
        string schema,
        IReadOnlyList<(string Type, string Description)> others,
        Action<Utf8JsonWriter>? example)
    {
        json.WriteStartObject("content"u8);
        json.WriteStartObject(type);
        json.WriteStartObject("schema"u8);
        json.WriteString("$ref"u8, $"#/components/schemas/{schema}");
        json.WriteEndObject();
        if (example is not null)
        {
            json.WritePropertyName("example"u8);
            example(json);
        }
        json.WriteEndObject();

        // A line or a table is no JSON document, so that no schema of one could hold for it.
        foreach (var (other, description) in others)
        {
            json.WriteStartObject(other);
            json.WriteStartObject("schema"u8);
            json.WriteString("description"u8, description);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
