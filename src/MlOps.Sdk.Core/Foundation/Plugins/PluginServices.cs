using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Plugins;

/// <summary>Resolves plug-ins that a builder named by type.</summary>
internal static class PluginServices
{
    /// <summary>The container of a run that has none: it knows no service.</summary>
    public static IServiceProvider None { get; } = new NoServices();

    /// <summary>A scope of the container; without a container, or with one that has no scopes, what there is.</summary>
    public static AsyncServiceScope CreateScope(IServiceProvider? services) =>
        services?.GetService<IServiceScopeFactory>() is { } factory
            ? factory.CreateAsyncScope()
            : new AsyncServiceScope(new NoScope(services ?? None));

    /// <summary>The service of a type, or an instance of the type made with the services that its constructor needs.</summary>
    /// <exception cref="MlOpsException">There is no container, or it lacks what the type needs.</exception>
    public static T Require<T>(IServiceProvider services)
        where T : class
    {
        if (services is NoServices)
        {
            throw new MlOpsException(
                $"{typeof(T).Name} comes from a service container, and this run has none.",
                "Run the lifecycle in a host, set RunOptions.Services, or give the builder an instance.");
        }
        try
        {
            return ActivatorUtilities.GetServiceOrCreateInstance<T>(services);
        }
        catch (InvalidOperationException e)
        {
            throw new MlOpsException(
                $"{typeof(T).Name} cannot be made: {Secrets.Blank(e.Message)}",
                "Register it, and what its constructor needs, in the service container.",
                e);
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    private sealed class NoScope(IServiceProvider services) : IServiceScope
    {
        public IServiceProvider ServiceProvider => services;

        public void Dispose()
        {
        }
    }
}
