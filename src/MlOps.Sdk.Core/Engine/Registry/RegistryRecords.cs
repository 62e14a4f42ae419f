using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>Reads the records of the registry, and holds them against the audit log.</summary>
internal static class RegistryRecords
{
    /// <summary>What the audit log calls a version.</summary>
    public static string SubjectOf(string model, int version) =>
        string.Create(CultureInfo.InvariantCulture, $"model:{model}/{version}");

    public static ModelVersion Get(DbConnection connection, string model, int version) =>
        ModelVersionTable.Find(connection, model, version) is { } row
            ? ToVersion(row)
            : throw new MlOpsException(
                $"There is no version {version} of the model '{model}'.",
                "List the versions of the model to see which exist.") { IsOfCaller = true };

    public static BlessedModel GetBlessed(DbConnection connection, ModelVersion version)
    {
        var attestations = BlessingTable.Read(connection, version.Model, version.Version);
        var audited = AuditedModel.Read(connection, version.Model);
        if ((audited.Compare(ModelVersionTable.Find(connection, version.Model, version.Version)!)
            ?? audited.Compare(version.Version, attestations)
            ?? audited.CompareApprovals(connection)) is { } difference)
        {
            throw difference.ToException();
        }
        if (attestations.Count == 0)
        {
            throw new MlOpsException(
                $"Version {version.Version} of '{version.Model}' is not blessed: no gate has judged it.",
                "Run the gates of its lifecycle, or evaluate it on declared data.") { IsOfCaller = true };
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
                "Run the gates of its lifecycle, or evaluate it on declared data.") { IsOfCaller = true };
        }
        var failed = newest.Gates
            .Where(gate => gate.Outcome == GateOutcome.Failed)
            .Select(gate => $"{gate.Name} ({gate.Observed}, required {gate.Required})");
        throw new MlOpsException(
            $"Version {version.Version} of '{version.Model}' is not blessed: {string.Join(", ", failed)}.",
            "Improve the model, or change the requirements of the gates, and run the lifecycle again.") { IsOfCaller = true };
    }

    public static ModelVersion ToVersion(ModelVersionRow row) => StoredRecord.Read(
        $"version {row.Version} of '{row.Model}'",
        () => new ModelVersion(
            row.Model,
            row.Version,
            ArtifactId.Parse(row.Package),
            row.ContentHash,
            row.RunId,
            Ticks.ToTime(row.CreatedAt),
            RegistryJson.ReadMetrics(row.Metrics),
            row.Description));

    public static Blessing ToBlessing(BlessingRow row) => StoredRecord.Read(
        $"an attestation over version {row.Version} of '{row.Model}'",
        () => new Blessing(
            row.Model, row.Version, row.ContentHash, Ticks.ToTime(row.IssuedAt), row.Actor, RegistryJson.ReadGates(row.Gates)));

    public static AliasChange ToChange(AliasChangeRow row) => StoredRecord.Read(
        $"a move of the alias '{row.Alias}' of '{row.Model}'",
        () => new AliasChange(row.Model, row.Alias, row.Version, row.Previous, Ticks.ToTime(row.At), row.Actor, row.Reason));

    public static DesiredRoute ToRoute(RouteRow row) => StoredRecord.Read(
        $"the route of the alias '{row.Alias}' of '{row.Model}'",
        () => new DesiredRoute(
            row.Model, row.Alias, row.Version, ArtifactId.Parse(row.Package), row.ContentHash, row.Generation, Ticks.ToTime(row.At)));
}
