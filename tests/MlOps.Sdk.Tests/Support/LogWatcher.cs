using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Tests;

/// <summary>Tells every event that is logged.</summary>
internal sealed class LogWatcher(Action<EventId> logged, Action<string>? said = null) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("It has no providers.");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        said?.Invoke(formatter(state, exception));
        logged(eventId);
    }

    public void Dispose()
    {
    }
}
