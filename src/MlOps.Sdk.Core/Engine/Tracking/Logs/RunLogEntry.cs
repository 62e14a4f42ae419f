using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Tracking;

/// <summary>A message in the log of a run. Texts are shortened to 4,000 characters, and what looks like a secret is blanked.</summary>
/// <param name="No">Its number within the run, from 1. Numbers that are missing were dropped.</param>
/// <param name="At">When it was logged, in UTC.</param>
/// <param name="Level">Its level.</param>
/// <param name="EventId">The id of the event; 0 where it has none.</param>
/// <param name="Category">The category of the logger.</param>
/// <param name="Message">The message.</param>
public sealed record RunLogEntry(
    long No,
    DateTimeOffset At,
    [property: JsonConverter(typeof(JsonStringEnumConverter<LogLevel>))] LogLevel Level,
    int EventId,
    string Category,
    string Message)
{
    /// <summary>The name of the event; <see langword="null"/> where it has none.</summary>
    public string? EventName { get; init; }

    /// <summary>The stage that was in progress; <see langword="null"/> outside of stages.</summary>
    public LifecycleStage? Stage { get; init; }

    /// <summary>The class of the exception; <see langword="null"/> where none was logged.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>
    /// The message of the exception, and on lines of their own those of the exceptions within it; <see langword="null"/> where none was
    /// logged.
    /// </summary>
    public string? Exception { get; init; }

    /// <summary>The message in a line, and the exception in another.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{At:HH:mm:ss.fff} {Level}{(Stage is { } stage ? $", {stage}" : "")}: {Message}") +
        (ExceptionType is null ? "" : $"{Environment.NewLine}  {ExceptionType}: {Exception}");
}
