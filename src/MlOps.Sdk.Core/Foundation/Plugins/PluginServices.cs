using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Plugins;

/// <summary>Resolves plug-ins that a builder named by type.</summary>
internal static class PluginServices
{
    /// <summary>The container of a run that has none: it knows no service.</summary>
    public static IServiceProvider None { get; } = new NoServices();

    /// <summary>A scope of the container; without a container, or with one that has no scopes, what there is.</summary>
    public static PluginScope CreateScope(IServiceProvider? services) => new(services ?? None);

    /// <summary>The service of a type, or an instance of the type made with the services that its constructor needs.</summary>
    /// <exception cref="MlOpsException">There is no container, or it lacks what the type needs.</exception>
    public static T Require<T>(IServiceProvider services)
        where T : class
    {
        if (services is NoServices or PluginScope { IsEmpty: true })
        {
            throw new MlOpsException(
                $"{typeof(T).Name} comes from a service container, and this run has none.",
                "Run the lifecycle in a host, set RunOptions.Services, or give the builder an instance.");
        }
        try
        {
            return services.GetService<T>() ?? Create();
        }
        catch (InvalidOperationException e)
        {
            throw new MlOpsException(
                $"{typeof(T).Name} cannot be created: {Secrets.Blank(e.Message)}",
                "Register it, and what its constructor needs, in the service container.",
                e);
        }

        T Create()
        {
            var made = ActivatorUtilities.CreateInstance<T>(services);
            return services is PluginScope scope ? scope.Own(made) : made;
        }
    }

    /// <summary>Keeps the services, and what was made with them, until a call that was left behind has returned.</summary>
    public static void KeepUntil(IServiceProvider services, Task call) => (services as PluginScope)?.KeepUntil(call);

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
