using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Calls back with every message, on the thread that logs it.</summary>
internal sealed class ListeningLogger(Action<string> heard) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        heard(formatter(state, exception));
}
