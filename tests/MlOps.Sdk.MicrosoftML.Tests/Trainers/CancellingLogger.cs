using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Cancels when a message says what it waits for.</summary>
internal sealed class CancellingLogger(CancellationTokenSource cancellation, string text) : ILogger
{
    public bool Heard { get; private set; }

    /// <summary>What was said after it.</summary>
    public ConcurrentQueue<string> Afterwards { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var message = formatter(state, exception);
        if (Heard) Afterwards.Enqueue(message);
        if (Heard || !message.Contains(text, StringComparison.Ordinal)) return;
        Heard = true;
        cancellation.Cancel();
    }
}
