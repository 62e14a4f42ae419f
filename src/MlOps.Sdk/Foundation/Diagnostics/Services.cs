using Microsoft.Extensions.DependencyInjection;

namespace MlOps.Sdk.Diagnostics;

/// <summary>Resolves plug-ins that a builder named by type.</summary>
internal static class Services
{
    /// <summary>The service of a type, or an instance of the type made with the services that its constructor needs.</summary>
    /// <exception cref="MlOpsException">There is no container, or it lacks what the type needs.</exception>
    public static T Require<T>(IServiceProvider? services)
        where T : class
    {
        if (services is null)
            throw new MlOpsException($"{typeof(T).Name} comes from a service container, and this run has none.", "Run the lifecycle in a host, set RunOptions.Services, or give the builder an instance.");
        try
        {
            return ActivatorUtilities.GetServiceOrCreateInstance<T>(services);
        }
        catch (InvalidOperationException e)
        {
            throw new MlOpsException($"{typeof(T).Name} cannot be made: {e.Message}", "Register it, and what its constructor needs, in the service container.", e);
        }
    }
}
