using System.Globalization;
using Microsoft.AspNetCore.Http;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.AspNetCore;

/// <summary>A request that is not carried out. What it says goes to the caller.</summary>
internal sealed class Rejection : Exception, ICallerMistake
{
    private Rejection(int status, string cause, string title, string detail)
        : base(detail) => (Status, Cause, Title) = (status, cause, title);

    /// <summary>The status code of HTTP.</summary>
    public int Status { get; }

    /// <summary>The cause in a word, for metrics.</summary>
    public string Cause { get; }

    public string Title { get; }

    /// <summary>The mistakes that are listed.</summary>
    public IReadOnlyList<Mistake> Errors { get; private init; } = [];

    /// <summary>How many mistakes there are beyond those.</summary>
    public int MoreErrors { get; private init; }

    /// <summary>After how many seconds it is worth a try; <see langword="null"/> where it is not.</summary>
    public int? RetryAfter { get; private init; }

    public static Rejection OfMistakes(Mistakes mistakes) => new(
        StatusCodes.Status422UnprocessableEntity,
        "mistakes",
        "The request has mistakes",
        mistakes.Count == 1
            ? "The request has a mistake; nothing of it was carried out."
            : $"The request has {Prose.Count(mistakes.Count)} mistakes; nothing of it was carried out.")
    {
        Errors = mistakes.Listed, MoreErrors = mistakes.Count - mistakes.Listed.Count
    };

    public static Rejection OfInputs(InputRejectedException rejected, int most) => new(
        StatusCodes.Status422UnprocessableEntity,
        "inputs",
        "The input contract rejects the request",
        "Values of the request are rejected by the input contract of the model; nothing was predicted.")
    {
        Errors =
        [
            .. rejected.Problems.Take(most)
                .Select(problem => new Mistake((int)problem.Row, problem.Column, problem.Problem, problem.Remedy)),
        ],
        MoreErrors = (int)Math.Min(int.MaxValue, rejected.ProblemCount - Math.Min(most, rejected.Problems.Count)),
    };

    public static Rejection OfMistake(MlOpsException failure) => new(
        StatusCodes.Status422UnprocessableEntity, "mistakes", "The request cannot be carried out", Secrets.Blank(failure.Problem))
    {
        Errors = [new Mistake(null, failure.Column, Secrets.Blank(failure.Problem), failure.Remedy)]
    };

    public static Rejection BadRequest(string detail) => new(
        StatusCodes.Status400BadRequest, "syntax", "The request cannot be read", detail);

    public static Rejection BadBody() => BadRequest("The body does not follow HTTP.");

    public static Rejection BadJson(long line, long position, int depth) => BadRequest(string.Create(
        CultureInfo.InvariantCulture,
        $"The body is not valid JSON, or is nested deeper than {depth} levels: line {line + 1}, byte {position + 1}."));

    public static Rejection TooLarge(long bytes) => new(
        StatusCodes.Status413PayloadTooLarge, "size", "The request is too large",
        string.Create(CultureInfo.InvariantCulture, $"A request may have {bytes} bytes. Divide it, or send a stream of lines."));

    public static Rejection TooMuchText(long characters) => new(
        StatusCodes.Status413PayloadTooLarge, "size", "The request is too large",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The texts of the rows may have {characters} characters together; one in a dictionary counts for each row. Divide the " +
                $"request."));

    public static Rejection TooManyRows(int rows, string what = "rows") => new(
        StatusCodes.Status413PayloadTooLarge, "size", "The request is too large",
        string.Create(CultureInfo.InvariantCulture, $"A request may have {rows} {what}. Divide it, or send a stream of lines."));

    public static Rejection AnswerTooLarge(long bytes) => new(
        StatusCodes.Status413PayloadTooLarge, "size", "The answer is too large",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The answer would need more than the {bytes} bytes that the server has for all bodies. Divide the request, or send a stream " +
                $"of lines."));

    public static Rejection BadMedia(string detail) =>
        new(StatusCodes.Status415UnsupportedMediaType, "media", "The type of the body is not supported", detail);

    public static Rejection NoModel(string? near) => new(
        StatusCodes.Status404NotFound, "unknown", "There is no such model",
        "No model of this name is served here." + (near is null ? "" : $" Did you mean '{near}'?"));

    public static Rejection NoVersion() =>
        new(StatusCodes.Status404NotFound, "unknown", "There is no such version", "This version of the model is not served here.");

    public static Rejection NotLive(int seconds) => new(
        StatusCodes.Status503ServiceUnavailable, "not-live", "The model is not ready", "No version of the model is live here yet.")
    {
        RetryAfter = seconds
    };

    public static Rejection Stopped(int seconds) => new(
        StatusCodes.Status503ServiceUnavailable,
        "stopped",
        "The model is stopped",
        "The model was stopped, and answers when it is resumed.")
    {
        RetryAfter = seconds
    };

    public static Rejection NoUser() => new(
        StatusCodes.Status401Unauthorized, "user", "The caller is not known", "Releases are changed by users who have signed in.");

    public static Rejection NotAllowed(string detail = "The policy for releases does not allow it.") => new(
        StatusCodes.Status403Forbidden, "user", "The caller may not do this", detail);

    public static Rejection Busy() => new(
        StatusCodes.Status429TooManyRequests, "busy", "Too many requests", "As many requests as possible are in progress or wait.")
    {
        RetryAfter = 1
    };

    public static Rejection LateBody() =>
        new(StatusCodes.Status408RequestTimeout, "time", "The request took too long", "The body did not arrive in time.");

    public static Rejection Late() =>
        new(StatusCodes.Status504GatewayTimeout, "time", "The request took too long", "The time of the request was over.");

    public static Rejection Stopping() =>
        new(StatusCodes.Status503ServiceUnavailable, "stopping", "The server stops", "The server stops. Send the other lines again.");

    public static Rejection Conflict(string detail) =>
        new(StatusCodes.Status409Conflict, "conflict", "The model was changed meanwhile", detail);

    public static Rejection Failed() => new(
        StatusCodes.Status500InternalServerError,
        "failure",
        "The request failed",
        "The request failed. The log of the server has the cause.");
}
