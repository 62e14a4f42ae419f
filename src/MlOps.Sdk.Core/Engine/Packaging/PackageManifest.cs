using System.Text.Json.Serialization;

namespace MlOps.Sdk.Packaging;

/// <summary>What a package says of itself: <c>manifest.json</c>.</summary>
internal sealed record PackageManifest
{
    public const int CurrentFormat = 1;

    [JsonRequired]
    public int Format { get; init; }

    [JsonRequired]
    public string Model { get; init; } = "";

    [JsonRequired]
    public string ModelFormat { get; init; } = "";

    /// <summary>Whether the model reads columns instead of features.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadsColumns { get; init; }

    /// <summary>Whether the model rejects rows with missing or infinite features.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RefusesMissing { get; init; }

    [JsonRequired]
    public string ContentHash { get; init; } = "";

    /// <summary>SHA-256 and length of every entry, uncompressed.</summary>
    [JsonRequired]
    public IReadOnlyDictionary<string, PackageEntry> Entries { get; init; } = new Dictionary<string, PackageEntry>();
}
