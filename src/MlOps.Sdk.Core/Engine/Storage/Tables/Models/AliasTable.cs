using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Aliases of model versions, every move they ever made, and the routes that follow them.</summary>
internal static class AliasTable
{
    public static int? Find(DbConnection connection, string model, string alias) =>
        connection.ExecuteScalar<int?>("SELECT version FROM aliases WHERE model = @model AND alias = @alias", new { model, alias });

    /// <summary>The aliases of a model that any table speaks of.</summary>
    public static IReadOnlyList<string> Names(DbConnection connection, string model) =>
        [.. connection.Query<string>("""
            SELECT alias FROM aliases WHERE model = @model UNION SELECT alias FROM alias_history WHERE model = @model
            UNION SELECT alias FROM desired_routes WHERE model = @model
            """, new { model })];

    /// <summary>The runs of all versions that have an alias.</summary>
    public static IReadOnlyList<string> Runs(DbConnection connection) =>
        [.. connection.Query<string>(
            "SELECT DISTINCT v.run_id FROM aliases a JOIN model_versions v ON v.model = a.model AND v.version = a.version " +
            "WHERE v.run_id IS NOT NULL")];

    /// <summary>Moves an alias and the desired route, and remembers the move.</summary>
    public static void Move(DbConnection connection, AliasChangeRow change, string package, string contentHash)
    {
        connection.Execute("""
            INSERT INTO aliases(model, alias, version, updated_at) VALUES (@Model, @Alias, @Version, @At)
            ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at
            """, change);
        connection.Execute("""
            INSERT INTO alias_history(model, alias, version, previous, at, actor, reason)
            VALUES (@Model, @Alias, @Version, @Previous, @At, @Actor, @Reason)
            """, change);
        connection.Execute("""
            INSERT INTO desired_routes(model, alias, version, package, content_hash, generation, at)
            VALUES (@Model, @Alias, @Version, @package, @contentHash, 1, @At)
            ON CONFLICT (model, alias) DO UPDATE SET
                version = excluded.version, package = excluded.package, content_hash = excluded.content_hash,
                generation = generation + 1, at = excluded.at
            """,
            new { change.Model, change.Alias, change.Version, change.At, package, contentHash });
    }

    /// <summary>The aliases of a model as rows whose actor and reason are those of the last move.</summary>
    public static IReadOnlyList<AliasChangeRow> Current(DbConnection connection, string model) =>
        [.. connection.Query<AliasChangeRow>("""
            SELECT model AS Model, alias AS Alias, version AS Version, previous AS Previous, at AS At, actor AS Actor, reason AS Reason
            FROM alias_history WHERE no IN (SELECT max(no) FROM alias_history WHERE model = @model GROUP BY alias) ORDER BY alias
            """, new { model })];

    /// <summary>The moves of an alias, newest first.</summary>
    public static IReadOnlyList<AliasChangeRow> History(DbConnection connection, string model, string alias) =>
        [.. connection.Query<AliasChangeRow>("""
            SELECT model AS Model, alias AS Alias, version AS Version, previous AS Previous, at AS At, actor AS Actor, reason AS Reason
            FROM alias_history WHERE model = @model AND alias = @alias ORDER BY no DESC
            """, new { model, alias })];

    /// <summary>Whether an alias ever pointed to a version.</summary>
    public static bool Pointed(DbConnection connection, string model, string alias, int version) => connection.ExecuteScalar<long>(
        "SELECT EXISTS (SELECT 1 FROM alias_history WHERE model = @model AND alias = @alias AND version = @version)",
        new { model, alias, version }) == 1;

    public static RouteRow? Route(DbConnection connection, string model, string alias) =>
        connection.QuerySingleOrDefault<RouteRow>("""
            SELECT model AS Model, alias AS Alias, version AS Version, package AS Package, content_hash AS ContentHash,
                generation AS Generation, at AS At
            FROM desired_routes WHERE model = @model AND alias = @alias
            """, new { model, alias });
}
