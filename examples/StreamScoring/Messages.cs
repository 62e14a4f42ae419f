using System.Text.Json.Serialization;

namespace StreamScoring;

/// <summary>The messages as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CustomerChanged))]
[JsonSerializable(typeof(ChurnScore))]
internal sealed partial class Messages : JsonSerializerContext;
