using System.Globalization;
using System.Text.Json.Nodes;

namespace MlOps.Sdk.Deployment;

/// <summary>The tags by which what the library created at SageMaker is known again.</summary>
internal static class SageMakerTags
{
    /// <summary>The name of the SageMaker endpoint that a resource belongs to.</summary>
    public const string Endpoint = "mlops:endpoint";

    /// <summary>The id of the workspace that a resource is of.</summary>
    public const string Workspace = "mlops:workspace";

    public const string Version = "mlops:version";

    public const string ContentHash = "mlops:content-hash";

    /// <summary>When the answers of a configuration were last verified; only such a configuration counts as served.</summary>
    public const string Verified = "mlops:verified";

    /// <summary>
    /// When an endpoint was last told to go back to a configuration that was verified before: what was verified earlier than that does not
    /// count, because new machines run it.
    /// </summary>
    public const string Brought = "mlops:brought";

    /// <summary>When a configuration was taken off because it did not answer as it should: it is not tried again.</summary>
    public const string Refused = "mlops:refused";

    /// <summary>When a configuration was taken off because it could not be asked: it is tried again after a while.</summary>
    public const string NotAsked = "mlops:not-asked";

    public static JsonArray Of(IEnumerable<KeyValuePair<string, string>> tags) =>
        new([.. tags.Select(tag => (JsonNode)new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]);

    /// <summary>A time as the value of a tag.</summary>
    public static string TimeOf(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>The time in a tag; <see langword="null"/> where there is none.</summary>
    public static DateTimeOffset? FindTime(Dictionary<string, string> tags, string key) => DateTimeOffset.TryParse(
        tags.GetValueOrDefault(key), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null;

    /// <summary>The tags of an answer.</summary>
    public static Dictionary<string, string> Read(JsonNode? tags)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in tags?.AsArray() ?? [])
        {
            if (tag?["Key"]?.GetValue<string>() is { } key) read[key] = tag["Value"]?.GetValue<string>() ?? "";
        }

        return read;
    }
}
