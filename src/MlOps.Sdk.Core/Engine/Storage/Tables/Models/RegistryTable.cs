using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>
/// What people say of models and versions: descriptions, tags, aliases that serve nothing, what is archived and deleted. Changes are only
/// added; beside them stands what holds now, by which is searched.
/// </summary>
internal static class RegistryTable
{
    public const string Description = "description";
    public const string Tag = "tag";
    public const string Alias = "alias";
    public const string Archived = "archived";
    public const string Deleted = "deleted";

    private const string Columns =
        "model AS Model, version AS Version, property AS Property, name AS Name, value AS Value, previous AS Previous, at AS At, " +
        "actor AS Actor, reason AS Reason";

    public static void Change(DbConnection connection, RegistryChangeRow row)
    {
        connection.Execute(
            """
            INSERT INTO registry_changes(model, version, property, name, value, previous, at, actor, reason)
            VALUES (@Model, @Version, @Property, @Name, @Value, @Previous, @At, @Actor, @Reason)
            """,
            row);
        connection.Execute(
            row.Value is null
                ? "DELETE FROM registry_values WHERE model = @Model AND version = @Version AND property = @Property AND name = @Name"
                : """
                  INSERT INTO registry_values(model, version, property, name, value) VALUES (@Model, @Version, @Property, @Name, @Value)
                  ON CONFLICT (model, version, property, name) DO UPDATE SET value = excluded.value
                  """,
            row);
    }

    public static string? Find(DbConnection connection, string model, int version, string property, string name = "") =>
        connection.QuerySingleOrDefault<string?>(
            "SELECT value FROM registry_values WHERE model = @model AND version = @version AND property = @property AND name = @name",
            new { model, version, property, name });

    /// <summary>What holds of a version, or with 0 of the model itself.</summary>
    public static IReadOnlyList<RegistryValueRow> Values(DbConnection connection, string model, int version) =>
    [
        .. connection.Query<RegistryValueRow>(
            "SELECT version AS Version, property AS Property, name AS Name, value AS Value FROM registry_values " +
                "WHERE model = @model AND version = @version ORDER BY property, name",
            new { model, version }),
    ];

    /// <summary>What holds of a model and of all its versions.</summary>
    public static IReadOnlyList<RegistryValueRow> AllValues(DbConnection connection, string model) =>
    [
        .. connection.Query<RegistryValueRow>(
            "SELECT version AS Version, property AS Property, name AS Name, value AS Value FROM registry_values " +
                "WHERE model = @model ORDER BY version, property, name",
            new { model }),
    ];

    /// <summary>The changes of a model and its versions, newest first.</summary>
    public static IReadOnlyList<RegistryChangeRow> History(DbConnection connection, string model) =>
    [
        .. connection.Query<RegistryChangeRow>(
            $"SELECT {Columns} FROM registry_changes WHERE model = @model ORDER BY no DESC", new { model }),
    ];

    /// <summary>The last change of something; <see langword="null"/> when there was none.</summary>
    public static RegistryChangeRow? FindLast(DbConnection connection, string model, int version, string property, string name = "") =>
        connection.QuerySingleOrDefault<RegistryChangeRow>(
            $"""
            SELECT {Columns} FROM registry_changes
            WHERE model = @model AND version = @version AND property = @property AND name = @name ORDER BY no DESC LIMIT 1
            """,
            new { model, version, property, name });

    /// <summary>The models, or the versions, that have a tag.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="ofVersions">Whether versions are searched, not models.</param>
    /// <param name="name">The tag.</param>
    /// <param name="value">Its value; <see langword="null"/> for any.</param>
    public static IReadOnlyList<(string Model, long Version)> FindTagged(
        DbConnection connection, bool ofVersions, string name, string? value) =>
    [
        .. connection.Query<(string, long)>(
            $"""
            SELECT model, version FROM registry_values
            WHERE property = @property AND name = @name AND {(ofVersions ? "version > 0" : "version = 0")}
            {(value is null ? "" : "AND value = @value")} ORDER BY model, version DESC
            """,
            new { property = Tag, name, value }),
    ];

    /// <summary>The runs of all versions that have an alias which serves nothing.</summary>
    public static IReadOnlyList<string> RunsOfAliases(DbConnection connection) =>
    [
        .. connection.Query<string>(
            """
            SELECT DISTINCT v.run_id FROM registry_values a
            JOIN model_versions v ON v.model = a.model AND v.version = CAST(a.value AS INTEGER)
            WHERE a.property = @property AND v.run_id IS NOT NULL
            """,
            new { property = Alias }),
    ];
}
