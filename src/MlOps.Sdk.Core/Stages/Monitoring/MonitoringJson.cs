using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MonitoringReport))]
[JsonSerializable(typeof(MonitoringSummary))]
[JsonSerializable(typeof(TableComparison))]
[JsonSerializable(typeof(Packaging.Decision))]
internal sealed partial class MonitoringJson : JsonSerializerContext;
