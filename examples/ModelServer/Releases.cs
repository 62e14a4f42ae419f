using MlOps.Sdk;
using MlOps.Sdk.Packaging;

namespace ModelServer;

/// <summary>Releases of other workspaces, from the configuration.</summary>
internal static class Releases
{
    /// <summary>
    /// Trusts the public keys of <c>Trust</c>, each a PEM, so that signed packages alone are served and releases may be sent; and follows
    /// the folder of <c>Releases</c>.
    /// </summary>
    public static MlOpsBuilder AddReleases(this MlOpsBuilder mlops, IConfiguration configuration)
    {
        if (configuration.GetSection("Trust").Get<string[]>() is { Length: > 0 } keys)
        {
            mlops.Services.AddSingleton(new PackageTrust(keys));
        }
        return configuration["Releases"] is { Length: > 0 } folder ? mlops.FollowReleases(folder) : mlops;
    }
}
