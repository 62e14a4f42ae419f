using System.Text.Json.Nodes;

namespace MlOps.Sdk.Deployment;

/// <summary>The tags by which what the library created at SageMaker is known again.</summary>
internal static class SageMakerTags
{
    /// <summary>The name of the SageMaker endpoint that a resource belongs to.</summary>
    public const string Endpoint = "mlops:endpoint";

    public const string Version = "mlops:version";

    public const string ContentHash = "mlops:content-hash";

    /// <summary>When the answers of a configuration were last verified; only such a configuration counts as served.</summary>
    public const string Verified = "mlops:verified";

    /// <summary>When a configuration was taken off because it did not answer as it should.</summary>
    public const string Refused = "mlops:refused";

    public static JsonArray Of(IEnumerable<KeyValuePair<string, string>> tags) =>
        new([.. tags.Select(tag => (JsonNode)new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]);

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
