using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tracking;

/// <summary>The environment of runs as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunEnvironment))]
internal sealed partial class TrackingJson : JsonSerializerContext
{
    public static string Write(RunEnvironment environment) => JsonSerializer.Serialize(environment, Default.RunEnvironment);

    /// <exception cref="JsonException">The text is not an environment.</exception>
    public static RunEnvironment? Read(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.RunEnvironment);
}
