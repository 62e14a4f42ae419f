using System.Text.Json.Serialization;

namespace MlOps.Sdk.Packaging;

/// <summary>An entry of a package: its size and hash, uncompressed, and whether it decides predictions.</summary>
internal sealed record PackageEntry
{
    [JsonRequired]
    public string Sha256 { get; init; } = "";

    [JsonRequired]
    public long Length { get; init; }

    /// <summary>Whether the content hash covers the entry.</summary>
    [JsonRequired]
    public bool Decisive { get; init; }
}
