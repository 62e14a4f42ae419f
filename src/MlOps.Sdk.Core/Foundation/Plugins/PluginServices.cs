using Microsoft.Extensions.DependencyInjection;

namespace MlOps.Sdk.Plugins;

/// <summary>Resolves plug-ins that a builder named by type.</summary>
internal static class PluginServices
{
    /// <summary>A scope of the container; without a container, or one that has no scopes, what there is.</summary>
    public static AsyncServiceScope CreateScope(IServiceProvider? services) =>
        services?.GetService<IServiceScopeFactory>() is { } factory
            ? factory.CreateAsyncScope()
            : new AsyncServiceScope(new NoScope(services));

    /// <summary>The service of a type, or an instance of the type made with the services that its constructor needs.</summary>
    /// <exception cref="MlOpsException">There is no container, or it lacks what the type needs.</exception>
    public static T Require<T>(IServiceProvider? services)
        where T : class
    {
        if (services is null)
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
                $"{typeof(T).Name} cannot be made: {e.Message}",
                "Register it, and what its constructor needs, in the service container.",
                e);
        }
    }

    /// <summary>The scope of a run without a container.</summary>
    private sealed class NoScope(IServiceProvider? services) : IServiceScope
    {
        public IServiceProvider ServiceProvider => services!;

        public void Dispose()
        {
        }
    }
}
