using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>Reads the records of the registry, and holds them against the audit log.</summary>
internal static class RegistryRecords
{
    private const string Unjudged =
        "Run its lifecycle, whose gates judge it; for a model of elsewhere, call Models.ImportAsync, which judges it on labelled rows.";

    /// <summary>What the audit log calls a version.</summary>
    public static string SubjectOf(string model, int version) =>
        string.Create(CultureInfo.InvariantCulture, $"model:{model}/{version}");

    public static ModelVersion Get(DbConnection connection, string model, int version) =>
        ModelVersionTable.Find(connection, model, version) is { } row
            ? ToVersion(connection, row)
            : throw (ModelVersionTable.List(connection, model).Count == 0
                ? NoModel(connection, model)
                : new MlOpsException(
                    $"There is no version {version} of the model '{model}'.",
                    "List the versions of the model to see which exist.") { IsOfCaller = true });

    /// <summary>The error for a model that has no version.</summary>
    public static MlOpsException NoModel(DbConnection connection, string model)
    {
        var near = NearestName.Find(model, ModelVersionTable.Models(connection));
        return new MlOpsException(
            $"There is no model '{model}'.",
            near is null ? "ModelsAsync lists the models; one appears with its first version." : $"Did you mean '{near}'?")
        {
            IsOfCaller = true,
        };
    }

    /// <summary>All versions of a model, newest first, also those that are archived or deleted.</summary>
    public static IReadOnlyList<ModelVersion> List(DbConnection connection, string model)
    {
        var values = RegistryTable.AllValues(connection, model).ToLookup(value => value.Version);
        return [.. ModelVersionTable.List(connection, model).Select(row => ToVersion(connection, row, [.. values[row.Version]]))];
    }

    /// <summary>The versions that came of a run, also those that are archived or deleted.</summary>
    public static IReadOnlyList<ModelVersion> OfRun(DbConnection connection, string run) =>
        [.. ModelVersionTable.OfRun(connection, run).Select(row => ToVersion(connection, row))];

    /// <summary>The error for a version that was deleted.</summary>
    /// <param name="version">The version.</param>
    /// <param name="what">What it cannot: "cannot be archived".</param>
    public static MlOpsException Deleted(ModelVersion version, string what) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"Version {version.Version} of '{version.Model}' was deleted by {version.Deletion?.Actor} at {version.Deletion?.At:u}, and " +
                $"{what}. The reason was: {version.Deletion?.Reason}"),
        "Name another version, or run the lifecycle again for a new one.") { IsOfCaller = true };

    /// <summary>Makes sure that a version may be deployed.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="version">The version.</param>
    /// <param name="at">When.</param>
    /// <param name="audited">What the log says of the model: it grows with its age, and who has read it hands it in.</param>
    /// <exception cref="ApprovalRequiredException">It passed every gate but the one of its approval.</exception>
    /// <exception cref="MlOpsException">It is not blessed, archived, deleted, or not the one of the audit log.</exception>
    public static BlessedModel GetBlessed(
        DbConnection connection, ModelVersion version, DateTimeOffset at, AuditedModel? audited = null)
    {
        var attestations = BlessingTable.Read(connection, version.Model, version.Version);
        audited ??= AuditedModel.Read(connection, version.Model);
        if ((audited.Compare(ModelVersionTable.Find(connection, version.Model, version.Version)!)
            ?? audited.Compare(version.Version, attestations)
            ?? audited.CompareApprovals(connection)
            ?? audited.CompareCatalog(connection)) is { } difference)
        {
            throw difference.ToException();
        }
        if (version.Deletion is not null) throw Deleted(version, "cannot be deployed");
        if (version.IsArchived)
        {
            throw new MlOpsException(
                $"Version {version.Version} of '{version.Model}' is archived, and cannot be deployed.",
                "Take it back with UnarchiveAsync, or name another version.") { IsOfCaller = true };
        }
        if (attestations.Count == 0)
        {
            throw new MlOpsException(
                $"Version {version.Version} of '{version.Model}' is not blessed: no gate has judged it.",
                Unjudged) { IsOfCaller = true };
        }

        var newest = ToBlessing(attestations[0]);
        if (newest.ContentHash != version.ContentHash)
        {
            throw new MlOpsException(
                $"Version {version.Version} of '{version.Model}' is not the one that was blessed: its content is different.",
                "Restore the database from a backup, or run the lifecycle again.");
        }
        if (newest.IsBlessed) return new BlessedModel(version, newest);
        if (newest.Gates.Count == 0)
        {
            throw new MlOpsException(
                $"Version {version.Version} of '{version.Model}' is not blessed: no gate has judged it.",
                Unjudged) { IsOfCaller = true };
        }
        var failed = newest.Gates.Where(gate => gate.Outcome == GateOutcome.Failed).ToArray();
        if (failed.All(gate => gate.IsPending)) throw ApprovalRule.Awaited(connection, version, at);
        var named = failed.Select(gate => $"{gate.Name} ({gate.Observed}, required {gate.Required})");
        throw new MlOpsException(
            $"Version {version.Version} of '{version.Model}' is not blessed: {string.Join(", ", named)}.",
            "Improve the model, or change the requirements of the gates, and run the lifecycle again.") { IsOfCaller = true };
    }

    public static ModelVersion ToVersion(DbConnection connection, ModelVersionRow row) =>
        ToVersion(connection, row, RegistryTable.Values(connection, row.Model, row.Version));

    private static ModelVersion ToVersion(DbConnection connection, ModelVersionRow row, IReadOnlyList<RegistryValueRow> values)
    {
        var described = values.FirstOrDefault(value => value.Property == RegistryTable.Description);
        return StoredRecord.Read(
            $"version {row.Version} of '{row.Model}'",
            () => new ModelVersion(
                row.Model,
                row.Version,
                ArtifactId.Parse(row.Package),
                row.ContentHash,
                row.RunId,
                Ticks.ToTime(row.CreatedAt),
                RegistryJson.ReadMetrics(row.Metrics),
                described is null ? row.Description : described.Value.Length == 0 ? null : described.Value)
            {
                Tags = TagsOf(values),
                IsArchived = values.Any(value => value.Property == RegistryTable.Archived),
                Deletion = values.Any(value => value.Property == RegistryTable.Deleted)
                    ? ToDeletion(connection, row)
                    : null,
            });
    }

    public static IReadOnlyDictionary<string, string> TagsOf(IReadOnlyList<RegistryValueRow> values) => values
        .Where(value => value.Property == RegistryTable.Tag)
        .ToDictionary(value => value.Name, value => value.Value, StringComparer.Ordinal);

    private static VersionDeletion ToDeletion(DbConnection connection, ModelVersionRow version) =>
        RegistryTable.FindLast(connection, version.Model, version.Version, RegistryTable.Deleted) is { } row
            ? new VersionDeletion(Ticks.ToTime(row.At), row.Actor, row.Reason)
            : throw new InvalidDataException("Nothing says who deleted it.");

    public static Blessing ToBlessing(BlessingRow row) => StoredRecord.Read(
        $"an attestation over version {row.Version} of '{row.Model}'",
        () => new Blessing(
            row.Model, row.Version, row.ContentHash, Ticks.ToTime(row.IssuedAt), row.Actor, RegistryJson.ReadGates(row.Gates)));

    public static AliasChange ToChange(AliasChangeRow row) => StoredRecord.Read(
        $"a move of the alias '{row.Alias}' of '{row.Model}'",
        () => new AliasChange(row.Model, row.Alias, row.Version, row.Previous, Ticks.ToTime(row.At), row.Actor, row.Reason));

    /// <summary>A move of an alias that serves nothing.</summary>
    public static AliasChange ToChange(RegistryChangeRow row) => StoredRecord.Read(
        $"a move of the alias '{row.Name}' of '{row.Model}'",
        () => new AliasChange(
            row.Model,
            row.Name,
            int.Parse(row.Value ?? row.Previous!, CultureInfo.InvariantCulture),
            row.Previous is { } previous ? int.Parse(previous, CultureInfo.InvariantCulture) : null,
            Ticks.ToTime(row.At),
            row.Actor,
            row.Reason)
        {
            IsRemoval = row.Value is null,
        });

    public static DesiredRoute ToRoute(RouteRow row) => StoredRecord.Read(
        $"the route of the alias '{row.Alias}' of '{row.Model}'",
        () => new DesiredRoute(
            row.Model, row.Alias, row.Version, ArtifactId.Parse(row.Package), row.ContentHash, row.Generation, Ticks.ToTime(row.At)));
}
