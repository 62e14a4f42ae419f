using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MlOps.Sdk.AspNetCore;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Adds what serves models over HTTP.</summary>
public static class ModelServingExtensions
{
    /// <summary>
    /// Adds what <see cref="ModelEndpointExtensions.MapModels"/> and its siblings need. In requests, the actor of the audit log is then the
    /// user of the request, unless the application has an <see cref="IActorProvider"/> of its own. Called again, it sets further options.
    /// </summary>
    /// <param name="builder">The library in the host.</param>
    /// <param name="configure">Sets the options.</param>
    public static MlOpsBuilder AddModelServing(this MlOpsBuilder builder, Action<ModelServingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var options = services.AddOptions<ModelServingOptions>();
        if (configure is not null) options.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(ModelServer))) return builder;
        options.ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<ModelServingOptions>, ModelServingOptionsRules>();
        services.AddHttpContextAccessor();
        services.TryAddSingleton<IActorProvider, RequestActor>();
        services.AddSingleton<ModelServer>();
        return builder;
    }
}
