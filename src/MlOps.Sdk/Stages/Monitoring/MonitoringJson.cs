using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MonitoringReport))]
[JsonSerializable(typeof(MonitoringSummary))]
internal sealed partial class MonitoringJson : JsonSerializerContext;
