using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// Logs to the application's logger, and into the log of the run that the message belongs to: the one that it was made for, or the one that
/// the calling code is part of. Thread-safe.
/// </summary>
/// <param name="logger">The application's logger, which does not throw.</param>
/// <param name="category">Its category.</param>
/// <param name="log">The log of a run; <see langword="null"/> for the one of the caller.</param>
internal sealed class RunLogger(ILogger logger, string category, RunLog? log = null) : ILogger
{
    /// <summary>A logger of a factory.</summary>
    public static RunLogger Of(ILoggerFactory loggers, string category) => new(QuietLogger.Of(loggers, category), category);

    /// <summary>The application's logger alone.</summary>
    public ILogger Outside => logger;

    /// <summary>The same logger for a run, from whatever thread it is called.</summary>
    public RunLogger For(RunLog run) => new(logger, category, run);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel) || (log ?? RunLog.Current)?.Takes(logLevel) == true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logger.IsEnabled(logLevel)) logger.Log(logLevel, eventId, state, exception, formatter);
        (log ?? RunLog.Current)?.Add(category, logLevel, eventId, state, exception, formatter);
    }
}
