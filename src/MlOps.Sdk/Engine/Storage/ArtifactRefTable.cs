using Dapper;
using System.Data.Common;

namespace MlOps.Sdk.Storage;

/// <summary>Who needs which artifacts: what nobody needs may be collected.</summary>
internal static class ArtifactRefTable
{
    /// <summary>Adds references; those that exist stay.</summary>
    public static void Add(DbConnection connection, string ownerKind, string ownerId, IEnumerable<ArtifactId> artifacts)
    {
        foreach (var artifact in artifacts)
        {
            connection.Execute(
                "INSERT OR IGNORE INTO artifact_refs(owner_kind, owner_id, artifact) VALUES (@ownerKind, @ownerId, @artifact)",
                new { ownerKind, ownerId, artifact = artifact.Hex });
        }
    }

    /// <summary>Drops every reference of an owner.</summary>
    public static void Remove(DbConnection connection, string ownerKind, string ownerId) =>
        connection.Execute("DELETE FROM artifact_refs WHERE owner_kind = @ownerKind AND owner_id = @ownerId", new { ownerKind, ownerId });

    public static bool IsReferenced(DbConnection connection, ArtifactId artifact) =>
        connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM artifact_refs WHERE artifact = @artifact)", new { artifact = artifact.Hex }) == 1;
}
