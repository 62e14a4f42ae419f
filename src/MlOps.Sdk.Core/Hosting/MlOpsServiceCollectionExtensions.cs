using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>Adds the library to a host.</summary>
public static class MlOpsServiceCollectionExtensions
{
    /// <summary>Adds a workspace that opens when the host starts. Options are validated then.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    public static MlOpsBuilder AddMlOps(this IServiceCollection services, Action<MlOpsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<MlOpsOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        if (services.All(service => service.ServiceType != typeof(MlOpsHostedService)))
        {
            services.AddSingleton<MlOpsHostedService>();
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<MlOpsHostedService>());
            services.AddSingleton(provider => provider.GetRequiredService<MlOpsHostedService>().Workspace);
        }

        return new MlOpsBuilder(services);
    }

    /// <summary>Adds a workspace with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">
    /// The section, for example <c>configuration.GetSection("MlOps")</c>. A name in it that is nearly one of <see cref="MlOpsOptions"/>
    /// keeps the host from starting; other names are the application's.
    /// </param>
    public static MlOpsBuilder AddMlOps(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services.AddMlOps(options =>
        {
            RequireNames(configuration);
            configuration.Bind(options);
        });
    }

    private static void RequireNames(IConfiguration configuration)
    {
        string[] names = [.. typeof(MlOpsOptions).GetProperties().Select(property => property.Name)];
        foreach (var key in configuration.GetChildren().Select(child => child.Key))
        {
            if (names.Contains(key, StringComparer.OrdinalIgnoreCase) || NearestName.Find(key, names) is not { } near) continue;
            throw new MlOpsException(
                $"The configuration of MlOps has '{key}', which is no option.",
                $"Did you mean {near}? The options are: {string.Join(", ", names)}.");
        }
    }
}
