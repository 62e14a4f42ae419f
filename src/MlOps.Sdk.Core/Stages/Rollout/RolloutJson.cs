using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Rollout;

/// <summary>The findings of guards as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<GuardFinding>))]
internal sealed partial class RolloutJson : JsonSerializerContext
{
    public static string WriteFindings(IReadOnlyList<GuardFinding> findings) =>
        JsonSerializer.Serialize(findings, Default.IReadOnlyListGuardFinding);

    /// <exception cref="JsonException">The text is not a list of findings.</exception>
    public static IReadOnlyList<GuardFinding> ReadFindings(string json) =>
        JsonSerializer.Deserialize(json, Default.IReadOnlyListGuardFinding) is { } findings && findings.All(finding => finding is not null)
            ? findings
            : throw new JsonException("A finding is missing.");
}
