using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The two routes that Amazon SageMaker calls in a container, for one model. Thread-safe.</summary>
internal sealed class SageMakerRoutes(
    ModelServer server, Predictor predictor, string model, IReadOnlyList<string>? csvColumns)
{
    private const string Csv = "text/csv";
    private const string Attributes = "X-Amzn-SageMaker-Custom-Attributes";
    private const int LongestAttributes = 1_024;

    public async Task InvokeAsync(HttpContext context, RequestTime time)
    {
        var media = MediaTypes.Of(context);
        if (media is not (MediaTypes.Json or Csv)) throw Rejection.BadMedia($"Send {MediaTypes.Json} or {Csv}.");
        var wantsCsv = WantsCsv(context);
        var slot = server.SlotOf(context, model, isMapped: true);
        var key = RoutingKey.Of(context);
        using var body = await RequestBody.ReadAsync(context, server, time).ConfigureAwait(false);
        RequestRows rows = media == Csv
            ? new CsvRows(body.Memory, server.Options, csvColumns) { Body = body }
            : new InvocationRows(body.Memory, server.Options) { Body = body };
        var answers = await predictor.PredictAsync(context, slot, rows, key, time).ConfigureAwait(false);
        using var room = answers.Room;
        body.Dispose();
        HttpTelemetry.Rows.Add(answers.Rows.Count, new KeyValuePair<string, object?>("route", InvocationRoutes.Kind));

        // SageMaker hands it to the caller as it is.
        if (context.Request.Headers[Attributes] is [{ Length: > 0 and <= LongestAttributes } attributes]
            && attributes.All(c => c is >= ' ' and < '\x7f'))
        {
            context.Response.Headers[Attributes] = attributes;
        }

        if (wantsCsv)
        {
            await ResponseBody.WriteAsync(
                context, StatusCodes.Status200OK, $"{Csv}; charset=utf-8", answers, CsvAnswer.Write, room).ConfigureAwait(false);
            return;
        }
        await ResponseBody.WriteAsync(
            context,
            StatusCodes.Status200OK,
            MediaTypes.Json,
            new InvocationAnswer(answers, IsRecords: true),
            static (to, it) => it.Write(to),
            room).ConfigureAwait(false);
    }

    /// <exception cref="Rejection">The caller takes neither.</exception>
    private static bool WantsCsv(HttpContext context)
    {
        var accepted = context.Request.Headers.Accept;
        if (accepted.Count == 0) return false;
        if (!MediaTypeHeaderValue.TryParseList(accepted, out var types)) throw Rejection.BadMedia("The header Accept is malformed.");
        foreach (var type in types.Where(type => type.Quality is not 0).OrderByDescending(type => type.Quality ?? 1))
        {
            if (type.MatchesMediaType(MediaTypes.Json)) return false;
            if (type.MatchesMediaType(Csv)) return true;
        }

        throw Rejection.BadMedia(string.Create(
            CultureInfo.InvariantCulture, $"Answers are {MediaTypes.Json} or {Csv}: send one of them as Accept."));
    }
}
