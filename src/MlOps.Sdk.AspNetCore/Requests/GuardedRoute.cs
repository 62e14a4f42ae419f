using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// A route whose failures are answered in the words of its protocol: what the caller can do something about with all details, anything else
/// without any. Thread-safe.
/// </summary>
internal sealed class GuardedRoute(
    ModelServer server, string kind, RejectionFormat format, Func<HttpContext, RequestTime, Task> handle, TimeSpan? limit = null)
{
    public async Task HandleAsync(HttpContext context)
    {
        RequestTime? time = null;
        try
        {
            time = new RequestTime(context, server.Time, RequestTime.LimitOf(context, limit ?? server.Options.RequestTimeout));
            await handle(context, time).ConfigureAwait(false);
            Count(context.Response.StatusCode);
        }
        catch (UnreadAnswerException)
        {
            Count(StatusCodes.Status499ClientClosedRequest);
            HttpTelemetry.Rejected.Add(1, new KeyValuePair<string, object?>("cause", "unread"));
            if (server.Logger.IsEnabled(LogLevel.Debug))
            {
                var model = ModelOf(context);
                HttpLog.Unread(server.Logger, kind, model);
            }
        }
        catch (Exception e) when (IsGone(context, e))
        {
            // Nobody listens any more. If somebody does, an answer without a word must not look like one.
            context.Abort();
            Count(StatusCodes.Status499ClientClosedRequest);
        }
        catch (Exception e)
        {
            var known = server.RejectionOf(e, time);
            if (ModelServer.IsFailure(e, known)) Log(context, e);
            var rejection = known ?? Rejection.Failed();
            Count(rejection.Status);
            HttpTelemetry.Rejected.Add(1, new KeyValuePair<string, object?>("cause", rejection.Cause));
            if (e == rejection && server.Logger.IsEnabled(LogLevel.Debug))
            {
                var (model, problem) = (ModelOf(context), PrintableText.Shorten(rejection.Message));
                HttpLog.Rejected(server.Logger, kind, model, rejection.Status, problem);
            }
            if (time?.IsToldInAnswer != true) await AnswerAsync(context, rejection, time?.IsBodyRead == true).ConfigureAwait(false);
        }
        finally
        {
            time?.Dispose();
        }
    }

    // A connection that breaks while a body is read may do so before the request is told.
    private static bool IsGone(HttpContext context, Exception failure) =>
        context.RequestAborted.IsCancellationRequested || failure is ConnectionResetException or ConnectionAbortedException;

    private async Task AnswerAsync(HttpContext context, Rejection rejection, bool isBodyRead)
    {
        if (context.Response.HasStarted)
        {
            // A stream that breaks off must not look complete.
            context.Abort();
            return;
        }
        if (rejection.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        if (!isBodyRead
            && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            // The server may close the connection for what is left of the body: no next request must be sent on it.
            context.Response.Headers.Connection = "close";
        }
        try
        {
            await ResponseBody.WriteAsync(context, rejection.Status, format.MediaType, rejection, format.Write).ConfigureAwait(false);
        }
        catch (Rejection)
        {
            // Many mistakes may be too long for the memory that is left, which this is not.
            var busy = Rejection.Busy();
            await ResponseBody.WriteAsync(context, busy.Status, format.MediaType, busy, format.Write).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UnreadAnswerException || IsGone(context, e))
        {
            // Who was to be told does not listen.
        }
    }

    private void Log(HttpContext context, Exception failure)
    {
        HttpLog.Failed(server.Logger, kind, ModelOf(context), failure);
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
