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
        Description = ModelVersionTable.Find(connection, version.Model, version.Version)?.Description,
        Deletion = version.Deletion is { } deletion
            ? new ArchivedDeletion(deletion.At.UtcTicks, deletion.Actor, deletion.Reason)
            : null,
        Attestations =
        [
            .. BlessingTable.Read(connection, version.Model, version.Version)
                .Select(row => new ArchivedAttestation(row.IssuedAt, row.Actor, row.Gates)),
        ],
    };

    /// <summary>What people say of versions of a model, and of the model itself, each with who said it last, when and why.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="model">The model.</param>
    /// <param name="versions">Which versions; 0 for the model itself.</param>
    public static IReadOnlyList<ArchivedCatalogEntry> Catalog(DbConnection connection, string model, IReadOnlySet<int> versions) =>
    [
        .. RegistryTable.AllValues(connection, model)
            .Where(value => versions.Contains((int)value.Version)
                && value.Property is RegistryTable.Tag or RegistryTable.Description or RegistryTable.Archived)
            .Select(value =>
            {
                var last = RegistryTable.FindLast(connection, model, (int)value.Version, value.Property, value.Name)
                    ?? throw StoredRecord.Damaged(
                        $"What is said of '{model}' has no history.", new InvalidDataException($"Nobody set its {value.Property}."));
                return new ArchivedCatalogEntry(
                    model, (int)value.Version, value.Property, value.Name, value.Value, last.At, last.Actor, last.Reason);
            }),
    ];
}
