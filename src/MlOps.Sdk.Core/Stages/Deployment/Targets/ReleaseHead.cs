using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>What a release is one of: told in the release itself, and beside it in a folder.</summary>
internal abstract record ReleaseHead
{
    [JsonRequired]
    [JsonPropertyOrder(-5)]
    public int Format { get; init; }

    /// <summary>The name under which the version is served, which is the model's.</summary>
    [JsonRequired]
    [JsonPropertyOrder(-4)]
    public string Endpoint { get; init; } = "";

    [JsonRequired]
    [JsonPropertyOrder(-3)]
    public int Version { get; init; }

    [JsonRequired]
    [JsonPropertyOrder(-2)]
    public string ContentHash { get; init; } = "";

    /// <summary>When the version went live where it was made, in UTC. It grows with every release of an endpoint.</summary>
    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public DateTimeOffset PromotedAt { get; init; }
}
