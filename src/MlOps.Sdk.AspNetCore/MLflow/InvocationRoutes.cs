using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The routes of MLflow's scoring server, for one model. Thread-safe.</summary>
internal sealed class InvocationRoutes(ModelServer server, Predictor predictor, string model, bool isRecords)
{
    public const string Kind = "invocations";

    /// <summary>Failures as MLflow's server writes them.</summary>
    public static RejectionFormat Format { get; } = new(MediaTypes.Json, WriteError);

    public Task PingAsync(HttpContext context, RequestTime time)
    {
        var isLive = server.IsOpen && server.Workspace.FindSlot(model) is { CanAnswer: true };
        return WriteAsync(context, isLive ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, "\n");
    }

    public Task VersionAsync(HttpContext context, RequestTime time) => WriteAsync(context, StatusCodes.Status200OK, LibraryVersion.Text);

    public async Task InvokeAsync(HttpContext context, RequestTime time)
    {
        if (MediaTypes.Of(context) != MediaTypes.Json) throw Rejection.BadMedia($"Send {MediaTypes.Json}.");
        var slot = server.SlotOf(context, model, isMapped: true);
        var key = RoutingKey.Of(context);
        using var body = await RequestBody.ReadAsync(context, server, time).ConfigureAwait(false);
        var rows = new InvocationRows(body.Memory, server.Options) { Body = body };
        var answers = await predictor.PredictAsync(context, slot, rows, key, time).ConfigureAwait(false);
        using var room = answers.Room;
        body.Dispose();
        HttpTelemetry.Rows.Add(answers.Rows.Count, new KeyValuePair<string, object?>("route", Kind));
        await ResponseBody.WriteAsync(
            context,
            StatusCodes.Status200OK,
            MediaTypes.Json,
            new InvocationAnswer(answers, isRecords),
            static (to, it) => it.Write(to),
            room).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, int status, string text) => ResponseBody.WriteAsync(
        context, status, MediaTypes.Json, text, static (to, it) => to.Write(Encoding.UTF8.GetBytes(it)));

    private static void WriteError(IBufferWriter<byte> to, Rejection rejection)
    {
        using var json = new Utf8JsonWriter(to, ProblemFormat.Readable);
        json.WriteStartObject();
        json.WriteString("error_code"u8, rejection.Status switch
        {
            StatusCodes.Status404NotFound => "RESOURCE_DOES_NOT_EXIST"u8,
            StatusCodes.Status429TooManyRequests => "REQUEST_LIMIT_EXCEEDED"u8,
            StatusCodes.Status503ServiceUnavailable => "TEMPORARILY_UNAVAILABLE"u8,
            >= 500 => "INTERNAL_ERROR"u8,
            _ => "BAD_REQUEST"u8,
        });
        json.WriteString("message"u8, ProblemFormat.TextOf(rejection));
        ProblemFormat.WriteErrors(json, rejection.Errors, rejection.MoreErrors);
        json.WriteEndObject();
    }
}
