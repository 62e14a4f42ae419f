using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MetricDefinition[]))]
internal sealed partial class MetricsJson : JsonSerializerContext;
