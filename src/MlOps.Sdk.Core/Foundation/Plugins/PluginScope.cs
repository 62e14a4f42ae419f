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
    private readonly List<Task> _atWork = [];

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

    /// <summary>Keeps what was made until a call that was left behind has returned.</summary>
    public void KeepUntil(Task call)
    {
        lock (_made) _atWork.Add(call);
    }

    /// <summary>
    /// Disposes of what was made, or lets it be disposed of when the calls that were left behind have returned. What fails at it is logged:
    /// what was made with it is done.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task[] atWork;
        lock (_made) atWork = [.. _atWork.Where(call => !call.IsCompleted)];
        if (atWork.Length == 0) await EndAsync().ConfigureAwait(false);
        else _ = EndLaterAsync(atWork);
    }

    private async Task EndLaterAsync(Task[] atWork)
    {
        foreach (var call in atWork) await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
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
            PluginLog.NotDisposed(FindLogger(), made is AsyncServiceScope ? "The service scope" : made.GetType().Name, Secrets.Blank(e));
        }
    }

    private ILogger FindLogger()
    {
        try
        {
            return services.GetService<ILoggerFactory>() is { } loggers ? QuietLogger.Of(loggers, "MlOps.Sdk") : NullLogger.Instance;
        }
        catch (ObjectDisposedException)
        {
            // The container was disposed of before a call that was left behind has returned.
            return NullLogger.Instance;
        }
    }

    private object? Next()
    {
        lock (_made) return _made.TryPop(out var made) ? made : null;
    }
}
