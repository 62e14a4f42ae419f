using Microsoft.Extensions.Configuration;
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
    /// <remarks>
    /// Options are validated when the host starts. A policy that they name and that does not exist keeps it from starting.
    /// </remarks>
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
        services.AddHostedService<PolicyCheck>();
        return builder;
    }

    /// <summary>
    /// Adds serving with options from configuration. A key that is not an option keeps the host from starting, as does a policy that does
    /// not exist.
    /// </summary>
    /// <param name="builder">The library in the host.</param>
    /// <param name="configuration">The section, for example <c>configuration.GetSection("Serving")</c>.</param>
    public static MlOpsBuilder AddModelServing(this MlOpsBuilder builder, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        builder.Services.AddSingleton<IValidateOptions<ModelServingOptions>>(new UnknownKeys<ModelServingOptions>(configuration));
        return builder.AddModelServing(configuration.Bind);
    }
}
