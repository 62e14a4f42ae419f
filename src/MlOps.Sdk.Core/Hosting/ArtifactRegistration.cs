using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Registers the one store of artifacts of a host.</summary>
internal static class ArtifactRegistration
{
    /// <exception cref="InvalidOperationException">The container has a store already.</exception>
    public static MlOpsBuilder AddArtifacts(this MlOpsBuilder builder, Func<IServiceProvider, IArtifactStore> create)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IArtifactStore) && !service.IsKeyedService))
        {
            throw new InvalidOperationException(
                "The container has a store of artifacts already, and a workspace has one. Keep only one of them.");
        }
        builder.Services.AddSingleton(create);
        return builder;
    }
}
