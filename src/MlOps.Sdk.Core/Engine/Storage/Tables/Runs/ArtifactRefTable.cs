using System.Data.Common;
using System.Globalization;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Who needs which artifacts: what nobody needs may be collected.</summary>
internal static class ArtifactRefTable
{
    /// <summary>How references name somebody who is deleting an artifact: no other can be added as long as there is one.</summary>
    public const string DeletingKind = "deleting";

    /// <summary>Adds references; those that exist stay.</summary>
    /// <exception cref="ArtifactDeletingException">Somebody is deleting an artifact.</exception>
    public static void Add(DbConnection connection, string ownerKind, string ownerId, IEnumerable<ArtifactId> artifacts)
    {
        foreach (var artifact in artifacts)
        {
            if (IsDeleting(connection, artifact)) throw new ArtifactDeletingException(artifact);
            connection.Execute(
                "INSERT OR IGNORE INTO artifact_refs(owner_kind, owner_id, artifact) VALUES (@ownerKind, @ownerId, @artifact)",
                new { ownerKind, ownerId, artifact = artifact.Hex });
        }
    }

    /// <summary>Says that an artifact is being deleted, so that no reference to it appears.</summary>
    /// <param name="connection">The connection, which writes.</param>
    /// <param name="owner">Who deletes it: begins with <see cref="Until"/>.</param>
    /// <param name="artifact">The artifact.</param>
    /// <returns>Whether nobody needs it, and nobody else deletes it.</returns>
    public static bool TryBeginDeleting(DbConnection connection, string owner, ArtifactId artifact)
    {
        if (IsDeleting(connection, artifact) || IsReferenced(connection, artifact)) return false;
        connection.Execute(
            "INSERT INTO artifact_refs(owner_kind, owner_id, artifact) VALUES (@kind, @owner, @artifact)",
            new { kind = DeletingKind, owner, artifact = artifact.Hex });
        return true;
    }

    /// <summary>How an owner that deletes begins, who has until a time for it.</summary>
    public static string Until(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time.UtcTicks:D20}");

    /// <summary>Forgets those who were deleting, and whose time is over: their processes were killed.</summary>
    public static void ForgetDeleting(DbConnection connection, DateTimeOffset now) => connection.Execute(
        "DELETE FROM artifact_refs WHERE owner_kind = @kind AND owner_id < @now", new { kind = DeletingKind, now = Until(now) });

    /// <summary>Gives who deletes another name, which says until when.</summary>
    /// <returns>Whether it is known; if not, others have taken it that its process was killed.</returns>
    public static bool TryRenewDeleting(DbConnection connection, string owner, string next) => connection.Execute(
        "UPDATE artifact_refs SET owner_id = @next WHERE owner_kind = @kind AND owner_id = @owner",
        new { kind = DeletingKind, owner, next }) > 0;

    /// <summary>Who deletes an artifact; <see langword="null"/> where nobody does.</summary>
    public static string? FindDeleting(DbConnection connection, ArtifactId artifact) => connection.QueryFirstOrDefault<string?>(
        "SELECT owner_id FROM artifact_refs WHERE artifact = @artifact AND owner_kind = @kind ORDER BY owner_id DESC LIMIT 1",
        new { artifact = artifact.Hex, kind = DeletingKind });

    private static bool IsDeleting(DbConnection connection, ArtifactId artifact) => connection.ExecuteScalar<long>(
        "SELECT EXISTS (SELECT 1 FROM artifact_refs WHERE artifact = @artifact AND owner_kind = @kind)",
        new { artifact = artifact.Hex, kind = DeletingKind }) == 1;

    /// <summary>Drops every reference of an owner.</summary>
    public static void Remove(DbConnection connection, string ownerKind, string ownerId) =>
        connection.Execute("DELETE FROM artifact_refs WHERE owner_kind = @ownerKind AND owner_id = @ownerId", new { ownerKind, ownerId });

    /// <summary>Whether an owner refers to any of some artifacts.</summary>
    public static bool Holds(DbConnection connection, string ownerKind, string ownerId, IEnumerable<ArtifactId> artifacts) =>
        connection.ExecuteScalar<long>(
            "SELECT EXISTS (SELECT 1 FROM artifact_refs WHERE owner_kind = @ownerKind AND owner_id = @ownerId AND artifact IN @artifacts)",
            new { ownerKind, ownerId, artifacts = artifacts.Select(artifact => artifact.Hex) }) == 1;

    /// <summary>
    /// Drops the references of an owner to some artifacts, and those of results that were kept for reuse where no owner of this
    /// kind needs the artifact any more.
    /// </summary>
    public static void Release(DbConnection connection, string ownerKind, string ownerId, IEnumerable<ArtifactId> artifacts)
    {
        var parameters = new
        {
            ownerKind,
            ownerId,
            results = StageResultTable.OwnerKind,
            artifacts = artifacts.Select(artifact => artifact.Hex)
        };
        connection.Execute(
            "DELETE FROM artifact_refs WHERE owner_kind = @ownerKind AND owner_id = @ownerId AND artifact IN @artifacts",
            parameters);
        connection.Execute(
            """
            DELETE FROM artifact_refs WHERE owner_kind = @results AND artifact IN @artifacts
                AND NOT EXISTS (SELECT 1 FROM artifact_refs o WHERE o.artifact = artifact_refs.artifact AND o.owner_kind = @ownerKind)
            """,
            parameters);
    }

    /// <summary>Drops all references of some kinds of owners to an artifact, unless an owner of another kind needs it.</summary>
    public static void ReleaseUnless(DbConnection connection, string needed, ArtifactId artifact, IReadOnlyCollection<string> kinds) =>
        connection.Execute(
            """
            DELETE FROM artifact_refs WHERE artifact = @artifact AND owner_kind IN @kinds
                AND NOT EXISTS (SELECT 1 FROM artifact_refs o WHERE o.artifact = @artifact AND o.owner_kind = @needed)
            """,
            new { artifact = artifact.Hex, kinds, needed });

    /// <summary>One of those that need an artifact; <see langword="null"/> when nobody does.</summary>
    public static (string Kind, string Id)? FindOwner(DbConnection connection, ArtifactId artifact) =>
        connection.QueryFirstOrDefault<(string, string)?>(
            "SELECT owner_kind, owner_id FROM artifact_refs WHERE artifact = @artifact AND owner_kind <> @deleting " +
                "ORDER BY owner_kind, owner_id LIMIT 1",
            new { artifact = artifact.Hex, deleting = DeletingKind });

    /// <summary>Every artifact that is referred to, and whether by more than somebody who is about to put it.</summary>
    public static IReadOnlyDictionary<ArtifactId, bool> All(DbConnection connection) =>
        connection.Query<(string Artifact, long IsKept)>(
            """
            SELECT artifact, max(owner_kind <> @put) FROM artifact_refs WHERE owner_kind <> @deleting
            GROUP BY artifact ORDER BY artifact
            """,
            new { put = RunArtifacts.OwnerKind, deleting = DeletingKind })
            .ToDictionary(row => ArtifactId.Parse(row.Artifact), row => row.IsKept != 0);

    /// <summary>The owners of a kind.</summary>
    public static IReadOnlyList<string> Owners(DbConnection connection, string ownerKind) =>
        [.. connection.Query<string>("SELECT DISTINCT owner_id FROM artifact_refs WHERE owner_kind = @ownerKind", new { ownerKind })];

    public static bool IsReferenced(DbConnection connection, ArtifactId artifact) => FindOwner(connection, artifact) is not null;

    /// <summary>Whether somebody needs an artifact besides some owners of a kind.</summary>
    public static bool IsReferenced(DbConnection connection, ArtifactId artifact, string exceptKind, IReadOnlyCollection<string> except) =>
        connection.ExecuteScalar<long>(
            """
            SELECT EXISTS (SELECT 1 FROM artifact_refs
                WHERE artifact = @artifact AND owner_kind <> @deleting AND NOT (owner_kind = @exceptKind AND owner_id IN @except))
            """,
            new { artifact = artifact.Hex, exceptKind, except, deleting = DeletingKind }) == 1;
}
