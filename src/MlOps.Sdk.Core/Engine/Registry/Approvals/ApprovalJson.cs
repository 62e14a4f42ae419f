using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>Policies and lists of names as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ApprovalPolicy))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ApprovalJson : JsonSerializerContext
{
    public static string Write(ApprovalPolicy? policy) =>
        policy is null ? "null" : JsonSerializer.Serialize(policy, Default.ApprovalPolicy);

    /// <exception cref="JsonException">The text is not a policy.</exception>
    public static ApprovalPolicy? ReadPolicy(string json) => JsonSerializer.Deserialize(json, Default.ApprovalPolicy);

    public static string Write(IReadOnlyList<string> names) => JsonSerializer.Serialize(names, Default.IReadOnlyListString);

    /// <exception cref="JsonException">The text is not a list of names.</exception>
    public static IReadOnlyList<string> ReadNames(string json) =>
        JsonSerializer.Deserialize(json, Default.IReadOnlyListString) is { } names && names.All(name => name is not null)
            ? names
            : throw new JsonException("A name is missing.");
}
