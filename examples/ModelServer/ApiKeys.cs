using Microsoft.AspNetCore.Authentication;

namespace ModelServer;

/// <summary>Adds callers with keys from the configuration.</summary>
internal static class ApiKeys
{
    /// <summary>The policy of those who may change releases.</summary>
    public const string ReleasePolicy = "release";

    /// <summary>
    /// Adds the callers of <c>Keys</c> and <c>ReleaseKeys</c>, each a name with its key. The host does not start without any, unless
    /// anonymous predictions are allowed in so many words.
    /// </summary>
    public static void AddApiKeys(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAuthentication(ApiKeyHandler.Name).AddScheme<ApiKeyOptions, ApiKeyHandler>(ApiKeyHandler.Name, options =>
        {
            configuration.Bind(options);
            options.HasReleaseRoutes = !string.IsNullOrWhiteSpace(configuration["Serving:AdminPolicy"]);
            options.MayBeEmpty = configuration.GetValue("Serving:AllowAnonymousPredictions", false);
        });
        services.AddOptions<ApiKeyOptions>(ApiKeyHandler.Name).ValidateOnStart();
        services.AddAuthorizationBuilder().AddPolicy(ReleasePolicy, policy => policy.RequireClaim(ApiKeyHandler.ReleaseClaim));
    }
}
