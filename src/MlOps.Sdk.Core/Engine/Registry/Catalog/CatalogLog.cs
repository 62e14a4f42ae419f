using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Registry;

/// <summary>The log messages of changes in the registry; event ids 9053 to 9055.</summary>
internal static partial class CatalogLog
{
    [LoggerMessage(9053, LogLevel.Warning, "Version {Version} of '{Model}' was deleted by {Actor}: {Reason}")]
    public static partial void Deleted(ILogger logger, int version, string model, string actor, string reason);

    [LoggerMessage(9054, LogLevel.Information, "Version {Version} of '{Model}' was {What} by {Actor}: {Reason}")]
    public static partial void Archived(ILogger logger, int version, string model, string what, string actor, string reason);

    [LoggerMessage(9055, LogLevel.Information, "The alias '{Alias}' of '{Model}' was {What} version {Version} by {Actor}: {Reason}")]
    public static partial void Aliased(
        ILogger logger, string alias, string model, string what, int version, string actor, string reason);
}
