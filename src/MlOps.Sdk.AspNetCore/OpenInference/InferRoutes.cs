using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The REST routes of the Open Inference Protocol, version 2, with tensors of requests also as bytes. Thread-safe.
/// </summary>
/// <remarks>
/// Source: specification/protocol/inference_rest.md of kserve/open-inference-protocol, and the binary data extension that the clients of
/// KServe and Triton use by default.
/// </remarks>
internal sealed class InferRoutes(ModelServer server, Predictor predictor)
{
    public const string Kind = "infer";

    private const string JsonLength = "Inference-Header-Content-Length";

    /// <summary>The one member that clients read of failures, and the mistakes beside it.</summary>
    public static RejectionFormat Format { get; } = new(MediaTypes.Json, WriteError);

    public Task ServerAsync(HttpContext context, RequestTime time) => WriteAsync(context, true, static (json, _) =>
    {
        json.WriteString("name"u8, "MlOps.Sdk"u8);
        json.WriteString("version"u8, LibraryVersion.Text);
        json.WriteStartArray("extensions"u8);
        json.WriteEndArray();
    });

    public Task LiveAsync(HttpContext context, RequestTime time) => WriteAsync(
        context, true, static (json, _) => json.WriteBoolean("live"u8, true));

    public Task ReadyAsync(HttpContext context, RequestTime time)
    {
        var isReady = server.IsReady;

        // The protocol names the one, and clients read the other.
        return WriteAsync(context, isReady, (json, it) =>
        {
            json.WriteBoolean("live"u8, true);
            json.WriteBoolean("ready"u8, it);
        }, isReady);
    }

    public Task ModelReadyAsync(HttpContext context, RequestTime time)
    {
        var slot = server.SlotOf(context);
        var version = VersionOf(context);
        if (version is not null && slot.Route is { } route) Find(route, version.Value);
        var isReady = slot.CanAnswer;
        return WriteAsync(context, isReady, (json, it) =>
        {
            json.WriteString("name"u8, slot.Name);
            json.WriteBoolean("ready"u8, it);
        }, isReady);
    }

    public Task ModelAsync(HttpContext context, RequestTime time)
    {
        var slot = server.SlotOf(context);
        var route = server.RouteOf(slot);
        var live = VersionOf(context) is { } version ? Find(route, version) : route.Main.Live;
        return WriteAsync(context, true, (json, _) => WriteModel(json, slot.Name, route, live));
    }

    public async Task InferAsync(HttpContext context, RequestTime time)
    {
        // The clients of the protocol send JSON without saying so.
        if (MediaTypes.Of(context) is not ("" or MediaTypes.Json or "application/octet-stream"))
        {
            throw Rejection.BadMedia($"Send {MediaTypes.Json}, or with {JsonLength} application/octet-stream.");
        }
        var slot = server.SlotOf(context);
        var version = VersionOf(context);
        var key = RoutingKey.Of(context);
        using var body = await RequestBody.ReadAsync(context, server, time).ConfigureAwait(false);
        var length = JsonLengthOf(context, body.Memory.Length);
        InferRequest? request = null;
        var answers = await predictor.PredictAsync(
            context,
            slot,
            body,
            () => ValueTask.FromResult<RequestRows>(request = new InferRequest(body.Memory, length, server.Options)),
            key,
            time,
            version).ConfigureAwait(false);
        using var room = answers.Room;
        HttpTelemetry.Rows.Add(answers.Rows.Count, new KeyValuePair<string, object?>("route", Kind));
        var answer = new InferAnswer(answers, request!.Id, request.Outputs);

        // The rows must not live until the answer is taken.
        request = null;
        body.Dispose();
        await ResponseBody.WriteAsync(
            context, StatusCodes.Status200OK, MediaTypes.Json, answer, static (to, it) => it.Write(to), room).ConfigureAwait(false);
    }

    private static int JsonLengthOf(HttpContext context, int length)
    {
        var values = context.Request.Headers[JsonLength];
        if (values.Count == 0) return length;
        return values is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var said) && said <= length
            ? said
            : throw Rejection.BadRequest($"The header {JsonLength} is not the length of the JSON in the body.");
    }

    private static int? VersionOf(HttpContext context)
    {
        if (context.GetRouteValue("version") is not string text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : throw Rejection.NoVersion();
    }

    private static LiveModel Find(LiveRoute route, int version) => route.Find(version)?.Live ?? throw Rejection.NoVersion();

    private static void WriteModel(Utf8JsonWriter json, string name, LiveRoute route, LiveModel live)
    {
        json.WriteString("name"u8, name);
        json.WriteStartArray("versions"u8);
        foreach (var version in route.Models.Select(model => model.Version).Distinct())
        {
            json.WriteStringValue(version.ToString(CultureInfo.InvariantCulture));
        }

        json.WriteEndArray();
        json.WriteString("platform"u8, "mlops-sdk"u8);
        json.WriteStartArray("inputs"u8);
        foreach (var field in live.Package.Graph.Input)
        {
            WriteTensor(json, field.Name, TensorType.Of(field.Type), field.Type == ColumnType.Vector ? field.Length : null);
        }

        json.WriteEndArray();
        json.WriteStartArray("outputs"u8);
        foreach (var (output, type, width) in InferAnswer.OutputsOf(live.Package.Decision.Labels)) WriteTensor(json, output, type, width);
        json.WriteEndArray();
    }

    private static void WriteTensor(Utf8JsonWriter json, string name, string type, int? width)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("datatype"u8, type);
        json.WriteStartArray("shape"u8);
        json.WriteNumberValue(-1);
        if (width is { } columns) json.WriteNumberValue(columns);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Task WriteAsync(HttpContext context, bool isReady, Action<Utf8JsonWriter, bool> write, bool state = true) =>
        ResponseBody.WriteAsync(
            context,
            isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            MediaTypes.Json,
            (write, state),
            static (to, it) =>
            {
                using var json = new Utf8JsonWriter(to);
                json.WriteStartObject();
                it.write(json, it.state);
                json.WriteEndObject();
            });

    private static void WriteError(IBufferWriter<byte> to, Rejection rejection)
    {
        using var json = new Utf8JsonWriter(to, ProblemFormat.Readable);
        json.WriteStartObject();
        json.WriteString("error"u8, ProblemFormat.TextOf(rejection));
        ProblemFormat.WriteErrors(json, rejection.Errors, rejection.MoreErrors);
        json.WriteEndObject();
    }
}
