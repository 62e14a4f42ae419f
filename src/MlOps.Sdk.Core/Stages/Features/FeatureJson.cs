using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FeatureGraphDocument))]
[JsonSerializable(typeof(AutoState))]
[JsonSerializable(typeof(NumericState))]
[JsonSerializable(typeof(OneHotState))]
[JsonSerializable(typeof(FeatureSummary))]
internal sealed partial class FeatureJson : JsonSerializerContext;
