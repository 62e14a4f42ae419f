using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Release))]
[JsonSerializable(typeof(CurrentRelease))]
internal sealed partial class ReleaseJson : JsonSerializerContext;
