namespace MlOps.Sdk.Deployment;

/// <summary>The generation of the route under which a version answers.</summary>
internal static class RouteGeneration
{
    /// <summary>No route chose the version: a caller named it, it stood in for another one, or it scored a table.</summary>
    public const long None = -1;
}
