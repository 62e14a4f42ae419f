using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// A route whose failures are answered in the words of its protocol: what the caller can do something about with all details, anything else
/// without any. Thread-safe.
/// </summary>
internal sealed class GuardedRoute(
    ModelServer server, string kind, RejectionFormat format, Func<HttpContext, RequestTime, Task> handle)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            using var time = new RequestTime(
                context, server.Time, RequestTime.LimitOf(context, server.Options.RequestTimeout));
            await handle(context, time).ConfigureAwait(false);
            Count(context.Response.StatusCode);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
            Count(StatusCodes.Status499ClientClosedRequest);
        }
        catch (Exception e)
        {
            var rejection = server.RejectionOf(e) ?? Fail(context, e);
            Count(rejection.Status);
            HttpTelemetry.Rejected.Add(1, new KeyValuePair<string, object?>("cause", rejection.Cause));
            if (e == rejection && server.Logger.IsEnabled(LogLevel.Debug))
            {
                var (model, problem) = (ModelOf(context), PrintableText.Shorten(rejection.Message));
                HttpLog.Rejected(server.Logger, kind, model, rejection.Status, problem);
            }
            await AnswerAsync(context, rejection).ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(HttpContext context, Rejection rejection)
    {
        if (context.Response.HasStarted)
        {
            // A stream that breaks off must not look complete.
            context.Abort();
            return Task.CompletedTask;
        }
        if (rejection.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        return ResponseBody.WriteAsync(context, rejection.Status, format.MediaType, rejection, format.Write);
    }

    private Rejection Fail(HttpContext context, Exception failure)
    {
        var (model, problem, blanked) = (ModelOf(context), Secrets.Blank(failure.Message), Secrets.Blank(failure));
        HttpLog.Failed(server.Logger, kind, model, problem, blanked);
        return Rejection.Failed();
    }

    private void Count(int status)
    {
        // The tags cost memory, also where nobody listens.
        if (!HttpTelemetry.Requests.Enabled) return;
        HttpTelemetry.Requests.Add(
            1, new KeyValuePair<string, object?>("route", kind), new KeyValuePair<string, object?>("status", status));
    }

    // Whatever a caller names is not yet a name.
    private static string ModelOf(HttpContext context) =>
        context.GetRouteValue("model") is string name ? PrintableText.Shorten(name) : "no model";
}
