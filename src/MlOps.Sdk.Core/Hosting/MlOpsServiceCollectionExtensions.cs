using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MlOps.Sdk;

/// <summary>Adds the library to a host.</summary>
public static class MlOpsServiceCollectionExtensions
{
    /// <summary>
    /// Adds a workspace that opens when the host starts. Options are validated then. Called again, as by another module of the application,
    /// it adds to the same workspace.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    public static MlOpsBuilder AddMlOps(this IServiceCollection services, Action<MlOpsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<MlOpsOptions>();
        if (configure is not null) options.Configure(configure);
        if (services.All(service => service.ServiceType != typeof(MlOpsHostedService)))
        {
            options.ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<MlOpsHostedService>();
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<MlOpsHostedService>());
            services.TryAddSingleton(provider => provider.GetRequiredService<MlOpsHostedService>().Workspace);
        }

        return new MlOpsBuilder(services);
    }

    /// <summary>Adds a workspace with options from configuration. A key that is not an option keeps the host from starting.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section, for example <c>configuration.GetSection("MlOps")</c>.</param>
    public static MlOpsBuilder AddMlOps(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddSingleton<IValidateOptions<MlOpsOptions>>(new UnknownKeys<MlOpsOptions>(configuration));
        return services.AddMlOps(configuration.Bind);
    }

    /// <summary>
    /// Adds the health of the host's models, under the name <c>mlops</c>: unhealthy until a version of every endpoint is live, degraded
    /// while the promoted version is not served because the application cannot call it, with all mismatches.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="tags">Tags to select the check by. Default: <c>ready</c>.</param>
    public static IHealthChecksBuilder AddMlOps(this IHealthChecksBuilder builder, params IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string[] all = [.. tags];
        return builder.AddCheck<MlOpsHealthCheck>("mlops", tags: all.Length > 0 ? all : ["ready"]);
    }
}
