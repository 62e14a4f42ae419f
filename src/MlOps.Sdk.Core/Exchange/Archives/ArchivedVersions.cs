using System.Data.Common;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Versions as they are in archives.</summary>
internal static class ArchivedVersions
{
    public static ArchivedVersion Read(DbConnection connection, ModelVersion version) => new()
    {
        Model = version.Model,
        Version = version.Version,
        Package = version.PackageId.Hex,
        ContentHash = version.ContentHash,
        RunId = version.RunId,
        CreatedAt = version.CreatedAt.UtcTicks,
        Metrics = RegistryJson.WriteMetrics(version.Metrics),
        Description = version.Description,
        Attestations =
        [
            .. BlessingTable.Read(connection, version.Model, version.Version)
                .Select(row => new ArchivedAttestation(row.IssuedAt, row.Actor, row.Gates)),
        ],
    };
}
