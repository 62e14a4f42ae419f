using System.Text.Json.Serialization;

namespace MlOps.Sdk.MLNet;

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(PipelineHeader))]
[JsonSerializable(typeof(TransformHeader))]
[JsonSerializable(typeof(TransformerHeader))]
internal sealed partial class PipelineJson : JsonSerializerContext;
