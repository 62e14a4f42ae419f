using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>Which file of a folder is the release to be served: <c>current.json</c>.</summary>
internal sealed record CurrentRelease : ReleaseHead
{
    public const int CurrentFormat = 1;

    /// <summary>The name of the file, beside this one. Under a name stands the same file for ever.</summary>
    [JsonRequired]
    public string File { get; init; } = "";

    /// <summary>The SHA-256 of the whole file, in hexadecimal.</summary>
    [JsonRequired]
    public string Sha256 { get; init; } = "";
}
