using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Diagnostics;

/// <summary>
/// Logs, and ignores what the application's loggers throw: a log that is full or away must end neither a run nor what works in the
/// background. Thread-safe.
/// </summary>
internal sealed class QuietLogger(ILogger logger) : ILogger
{
    /// <summary>A logger of a factory.</summary>
    public static ILogger Of(ILoggerFactory loggers, string category) => new QuietLogger(loggers.CreateLogger(category));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return logger.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nowhere else to say it.
        }
    }
}
