using System.Data.Common;
using System.Globalization;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Model versions; their packages are referenced until they are deleted.</summary>
internal static class ModelVersionTable
{
    private const string OwnerKind = "model-version";

    private const string Columns = """
        model AS Model, version AS Version, package AS Package, content_hash AS ContentHash, run_id AS RunId,
        created_at AS CreatedAt, metrics AS Metrics, description AS Description, idempotency_key AS IdempotencyKey
        """;

    /// <summary>
    /// Adds the next version of a model, or one whose number the row has. Called under the write lock, so no two processes get the same
    /// number.
    /// </summary>
    /// <returns>Its number.</returns>
    public static int Insert(DbConnection connection, ModelVersionRow row)
    {
        var version = connection.ExecuteScalar<int>("""
            INSERT INTO model_versions(model, version, package, content_hash, run_id, created_at, metrics, description, idempotency_key)
            VALUES (@Model, coalesce(nullif(@Version, 0), (SELECT coalesce(max(version), 0) + 1 FROM model_versions WHERE model = @Model)),
                    @Package, @ContentHash, @RunId, @CreatedAt, @Metrics, @Description, @IdempotencyKey)
            RETURNING version
            """, row);
        ArtifactRefTable.Add(connection, OwnerKind, OwnerOf(row.Model, version), [ArtifactId.Parse(row.Package)]);
        return version;
    }

    public static ModelVersionRow? Find(DbConnection connection, string model, int version) =>
        connection.QuerySingleOrDefault<ModelVersionRow>(
            $"SELECT {Columns} FROM model_versions WHERE model = @model AND version = @version", new { model, version });

    public static ModelVersionRow? FindByKey(DbConnection connection, string model, string idempotencyKey) =>
        connection.QuerySingleOrDefault<ModelVersionRow>(
            $"SELECT {Columns} FROM model_versions WHERE model = @model AND idempotency_key = @idempotencyKey",
            new { model, idempotencyKey });

    /// <summary>Moves a key to a version: whatever had it before has none.</summary>
    public static void SetKey(DbConnection connection, string model, int version, string idempotencyKey)
    {
        connection.Execute(
            "UPDATE model_versions SET idempotency_key = NULL WHERE model = @model AND idempotency_key = @idempotencyKey",
            new { model, idempotencyKey });
        connection.Execute(
            "UPDATE model_versions SET idempotency_key = @idempotencyKey WHERE model = @model AND version = @version",
            new { model, version, idempotencyKey });
    }

    /// <summary>Gives a version, and the routes to it, another package of the same content.</summary>
    public static void SetPackage(DbConnection connection, string model, int version, ArtifactId package)
    {
        var parameters = new { model, version, package = package.Hex };
        connection.Execute("UPDATE model_versions SET package = @package WHERE model = @model AND version = @version", parameters);
        connection.Execute("UPDATE desired_routes SET package = @package WHERE model = @model AND version = @version", parameters);
        ArtifactRefTable.Remove(connection, OwnerKind, OwnerOf(model, version));
        ArtifactRefTable.Add(connection, OwnerKind, OwnerOf(model, version), [package]);
    }

    /// <summary>The first version of a content and run that is not deleted.</summary>
    public static ModelVersionRow? FindByContent(DbConnection connection, string model, string contentHash, string? runId) =>
        connection.QueryFirstOrDefault<ModelVersionRow>(
            $"""
            SELECT {Columns} FROM model_versions v WHERE model = @model AND content_hash = @contentHash AND run_id IS @runId
                AND NOT EXISTS (SELECT 1 FROM registry_values d
                    WHERE d.model = v.model AND d.version = v.version AND d.property = @deleted)
            ORDER BY version LIMIT 1
            """,
            new { model, contentHash, runId, deleted = RegistryTable.Deleted });

    /// <summary>Lets the package of a version be collected: neither the version nor the runs that made it refer to it any more.</summary>
    /// <param name="connection">The connection, which writes.</param>
    /// <param name="row">The version, whose number and record stay.</param>
    /// <param name="makers">The kinds of owners that refer to what they made.</param>
    public static void ReleasePackage(DbConnection connection, ModelVersionRow row, params string[] makers)
    {
        connection.Execute(
            "UPDATE model_versions SET idempotency_key = NULL WHERE model = @Model AND version = @Version", row);
        ArtifactRefTable.Remove(connection, OwnerKind, OwnerOf(row.Model, row.Version));
        ArtifactRefTable.ReleaseUnless(connection, OwnerKind, ArtifactId.Parse(row.Package), makers);
    }

    /// <summary>The packages of deleted versions that no other version has.</summary>
    public static IReadOnlyList<ArtifactId> DeletedPackages(DbConnection connection) =>
    [
        .. connection.Query<string>(
            """
            SELECT DISTINCT v.package FROM model_versions v
            JOIN registry_values d ON d.model = v.model AND d.version = v.version AND d.property = @deleted
            WHERE NOT EXISTS (
                SELECT 1 FROM model_versions o WHERE o.package = v.package AND NOT EXISTS (
                    SELECT 1 FROM registry_values e WHERE e.model = o.model AND e.version = o.version AND e.property = @deleted))
            """,
            new { deleted = RegistryTable.Deleted }).Select(ArtifactId.Parse),
    ];

    /// <summary>The versions that came of a run, by model and number.</summary>
    public static IReadOnlyList<ModelVersionRow> OfRun(DbConnection connection, string run) =>
    [
        .. connection.Query<ModelVersionRow>(
            $"SELECT {Columns} FROM model_versions WHERE run_id = @run ORDER BY model, version", new { run }),
    ];

    public static IReadOnlyList<ModelVersionRow> List(DbConnection connection, string model) =>
        [.. connection.Query<ModelVersionRow>(
            $"SELECT {Columns} FROM model_versions WHERE model = @model ORDER BY version DESC",
            new { model })];

    /// <summary>The names of models that any table of the registry speaks of.</summary>
    public static IReadOnlyList<string> AllNames(DbConnection connection) =>
        [.. connection.Query<string>("""
            SELECT model FROM model_versions UNION SELECT model FROM blessings UNION SELECT model FROM aliases
            UNION SELECT model FROM alias_history UNION SELECT model FROM desired_routes
            UNION SELECT model FROM registry_changes UNION SELECT model FROM registry_values
            """)];

    public static IReadOnlyList<string> Models(DbConnection connection) =>
        [.. connection.Query<string>("SELECT DISTINCT model FROM model_versions ORDER BY model")];

    private static string OwnerOf(string model, int version) => string.Create(CultureInfo.InvariantCulture, $"{model}/{version}");
}
