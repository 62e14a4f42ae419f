using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// The services of one run or check. What it makes itself, because a builder named a type that the container does not know, it disposes of
/// like the container does with what that makes: at its end, the last one first. Thread-safe until it is disposed of.
/// </summary>
internal sealed class PluginScope(IServiceProvider services) : IKeyedServiceProvider, IAsyncDisposable
{
    private readonly AsyncServiceScope? _scope = services.GetService<IServiceScopeFactory>()?.CreateAsyncScope();
    private readonly Stack<object> _made = [];

    private IServiceProvider Services => _scope?.ServiceProvider ?? services;

    /// <summary>Whether there is a container at all.</summary>
    public bool IsEmpty => ReferenceEquals(services, PluginServices.None);

    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceProvider) ? this : Services.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) =>
        (Services as IKeyedServiceProvider)?.GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
        Services.GetRequiredKeyedService(serviceType, serviceKey);

    /// <summary>Takes over an instance that nobody else disposes of.</summary>
    public T Own<T>(T made)
        where T : class
    {
        if (made is IAsyncDisposable or IDisposable)
        {
            lock (_made) _made.Push(made);
        }
        return made;
    }

    /// <summary>Disposes of what was made. What fails at it is logged: what was made with it is done.</summary>
    public async ValueTask DisposeAsync()
    {
        while (Next() is { } made) await EndAsync(made).ConfigureAwait(false);
        if (_scope is { } scope) await EndAsync(scope).ConfigureAwait(false);
    }

    private async ValueTask EndAsync(object made)
    {
        try
        {
            if (made is IAsyncDisposable disposable) await disposable.DisposeAsync().ConfigureAwait(false);
            else ((IDisposable)made).Dispose();
        }
        catch (Exception e)
        {
            var logger = services.GetService<ILoggerFactory>() is { } loggers
                ? QuietLogger.Of(loggers, "MlOps.Sdk")
                : NullLogger.Instance;
            PluginLog.NotDisposed(logger, made is AsyncServiceScope ? "The service scope" : made.GetType().Name, Secrets.Blank(e));
        }
    }

    private object? Next()
    {
        lock (_made) return _made.TryPop(out var made) ? made : null;
    }
}
