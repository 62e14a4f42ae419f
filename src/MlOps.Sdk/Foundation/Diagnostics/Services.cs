using Microsoft.Extensions.DependencyInjection;

namespace MlOps.Sdk.Diagnostics;

/// <summary>Resolves plug-ins that a builder named by type.</summary>
internal static class Services
{
    public static T Require<T>(IServiceProvider? services)
        where T : class =>
        (services ?? throw new MlOpsException(
            $"{typeof(T).Name} is to come from the service container, and this lifecycle runs without one.",
            "Register the lifecycle with services.AddMlOps(…).AddLifecycle(…), or pass an instance to the builder.")).GetService<T>()
        ?? throw new MlOpsException($"{typeof(T).Name} is not registered in the service container.", $"Add services.AddSingleton<{typeof(T).Name}>() (or another lifetime).");
}
