using System.Text.Json.Serialization;

namespace MlOps.Sdk.Packaging;

/// <summary>Who signed a package: <c>signature.json</c>.</summary>
internal sealed record PackageSignature
{
    [JsonRequired]
    public string KeyId { get; init; } = "";

    [JsonRequired]
    public string Algorithm { get; init; } = "";

    /// <summary>The signature in the fixed-size form of IEEE P1363.</summary>
    [JsonRequired]
    public byte[] Value { get; init; } = [];
}
