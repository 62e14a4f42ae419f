using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.AspNetCore;

internal static partial class HttpLog
{
    /// <summary>Says that a request failed. What failed may quote what a caller sent: it must not look like other lines.</summary>
    public static void Failed(ILogger logger, string route, string model, Exception failure)
    {
        var (problem, blanked) = (PrintableText.Line(Secrets.Blank(failure.Message)), Secrets.Blank(failure));
        Failed(logger, route, model, problem, blanked);
    }

    [LoggerMessage(EventId = 10100, Level = LogLevel.Error, Message = "A request to {Route} of {Model} failed: {Problem}")]
    private static partial void Failed(ILogger logger, string route, string model, string problem, Exception exception);

    [LoggerMessage(
        EventId = 10101, Level = LogLevel.Debug, Message = "A request to {Route} of {Model} was rejected with {Status}: {Problem}")]
    public static partial void Rejected(ILogger logger, string route, string model, int status, string problem);

    [LoggerMessage(EventId = 10102, Level = LogLevel.Information, Message = "{Actor} changed the release of {Model} over HTTP: {Change}")]
    public static partial void Changed(ILogger logger, string actor, string model, string change);

    [LoggerMessage(
        EventId = 10103,
        Level = LogLevel.Warning,
        Message = "A prediction of {Model} took longer than its request may, and its answer is not waited for")]
    public static partial void LeftBehind(ILogger logger, string model);

    [LoggerMessage(
        EventId = 10104,
        Level = LogLevel.Debug,
        Message = "The caller of {Route} of {Model} did not take its answer in time, and the connection was ended")]
    public static partial void Unread(ILogger logger, string route, string model);
}
