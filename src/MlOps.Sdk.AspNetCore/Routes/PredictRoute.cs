using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Predicts rows of JSON, lines of JSON, or Arrow. Thread-safe.</summary>
internal sealed class PredictRoute(ModelServer server, Predictor predictor)
{
    public const string Kind = "predict";

    private const string Types =
        $"Send {MediaTypes.Json}, {MediaTypes.Lines}, {MediaTypes.ArrowStream} or {MediaTypes.ArrowFile}.";

    public Task HandleAsync(HttpContext context, RequestTime time) => MediaTypes.Of(context) switch
    {
        MediaTypes.Json => JsonAsync(context, time),
        MediaTypes.Lines or "application/jsonl" => LinesAsync(context, time),
        MediaTypes.ArrowStream => ArrowAsync(context, time, isStream: true),
        MediaTypes.ArrowFile => ArrowAsync(context, time, isStream: false),
        _ => throw Rejection.BadMedia(Types),
    };

    private async Task JsonAsync(HttpContext context, RequestTime time)
    {
        var slot = server.SlotOf(context);
        var key = RoutingKey.Of(context);
        using var body = await RequestBody.ReadAsync(context, server, time).ConfigureAwait(false);
        var rows = new JsonRows(body.Memory, server.Options) { Body = body };
        var answers = await predictor.PredictAsync(context, slot, rows, key, time).ConfigureAwait(false);
        using var room = answers.Room;
        body.Dispose();
        HttpTelemetry.Rows.Add(answers.Rows.Count, new KeyValuePair<string, object?>("route", Kind));
        await ResponseBody.WriteAsync(
            context, StatusCodes.Status200OK, MediaTypes.Json, answers, AnswerFormat.Write, room).ConfigureAwait(false);
    }

    private Task LinesAsync(HttpContext context, RequestTime time)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0) throw Rejection.BadMedia("Send lines without compression.");
        return new LineStream(server, predictor, context, time, server.SlotOf(context), RoutingKey.Of(context)).RunAsync();
    }

    private async Task ArrowAsync(HttpContext context, RequestTime time, bool isStream)
    {
        var slot = server.SlotOf(context);
        var key = RoutingKey.Of(context);
        using var body = await RequestBody.ReadAsync(context, server, time).ConfigureAwait(false);
        var answers = await predictor.PredictAsync(
            context,
            slot,
            body,
            async () => await ArrowRequest.ReadAsync(body.Memory, isStream, server.Options, time.Token).ConfigureAwait(false),
            key,
            time).ConfigureAwait(false);
        using var room = answers.Room;
        body.Dispose();
        HttpTelemetry.Rows.Add(answers.Rows.Count, new KeyValuePair<string, object?>("route", Kind));
        var bytes = await ArrowAnswer.WriteAsync(answers, isStream, context.RequestAborted).ConfigureAwait(false);
        await ResponseBody.WriteAsync(
            context,
            StatusCodes.Status200OK,
            isStream ? MediaTypes.ArrowStream : MediaTypes.ArrowFile,
            bytes,
            static (to, it) => to.Write(it.Span),
            room).ConfigureAwait(false);
    }
}
