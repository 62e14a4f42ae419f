using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>Keeps the statements that a provider logs.</summary>
internal sealed class StatementLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _statements = new();

    public IReadOnlyCollection<string> Statements => _statements;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> values) return;
        foreach (var (name, value) in values)
        {
            if (name == "CommandText" && value is string text) _statements.Enqueue(text);
        }
    }

    public void Dispose()
    {
    }
}
