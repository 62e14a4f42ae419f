using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>What the registry says of the versions that came of a run, as tags of the run in MLflow.</summary>
internal static class MlflowVersions
{
    public static IReadOnlyDictionary<string, string> Tags(IReadOnlyList<ModelVersion> versions)
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (versions.Count == 0) return tags;
        tags["mlops.versions"] = string.Join(", ", versions.Select(version => FormattableString.Invariant(
            $"{version.Model}/{version.Version}{StateOf(version)}")));
        foreach (var version in versions.Where(version => version.Deletion is null))
        {
            var of = FormattableString.Invariant($"{version.Model}.{version.Version}");
            if (version.Description is { } description) tags[MlflowText.NameOf($"mlops.description.{of}")] = description;
            foreach (var (name, value) in version.Tags) tags[MlflowText.NameOf($"mlops.tag.{of}.{name}")] = value;
        }

        return tags;
    }

    private static string StateOf(ModelVersion version) =>
        version.Deletion is not null ? " (deleted)" : version.IsArchived ? " (archived)" : "";
}
