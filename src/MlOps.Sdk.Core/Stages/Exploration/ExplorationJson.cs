using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ExplorationReport))]
[JsonSerializable(typeof(DatasetProfile))]
internal sealed partial class ExplorationJson : JsonSerializerContext;
