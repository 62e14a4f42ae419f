using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>A version that answers a share of a model's calls, beside the live one; or a shadow, which is given copies of calls.</summary>
/// <param name="Name">Its name, for example <c>canary</c>: up to 100 lower-case letters, digits, '-', '_' and '.'.</param>
/// <param name="Version">The version.</param>
/// <param name="Share">
/// The share of the calls, 0 to 1. With 0, the version is loaded, and answers nothing. Of a shadow the share of the calls that are copied.
/// </param>
/// <param name="IsShadow">
/// Whether the version answers no caller, but is given copies of the calls that others answered, and its answers are compared with theirs.
/// </param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record TrafficArm(
    string Name,
    int Version,
    double Share,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsShadow = false)
{
    /// <summary>The name of the arm of the version that the alias <c>champion</c> points to.</summary>
    public const string Live = "live";
}
