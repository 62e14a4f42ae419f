using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tests.Compatibility;

/// <summary>What the earlier version said of its workspace.</summary>
internal sealed record ExpectedWorkspace(
    [property: JsonPropertyName("churn-linear")] ExpectedModel Linear,
    [property: JsonPropertyName("churn-trees")] ExpectedModel Trees,
    [property: JsonPropertyName("audit")] ExpectedAudit Audit)
{
    public static ExpectedWorkspace Read(string path) => JsonSerializer.Deserialize<ExpectedWorkspace>(File.ReadAllBytes(path))!;

    public ExpectedModel ModelOf(string lifecycle) => lifecycle == EarlierLifecycle.Linear ? Linear : Trees;
}
