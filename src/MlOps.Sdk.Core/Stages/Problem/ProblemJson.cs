using System.Text.Json.Serialization;

namespace MlOps.Sdk.Problem;

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemDefinition))]
[JsonSerializable(typeof(LabelEncoding))]
internal sealed partial class ProblemJson : JsonSerializerContext;
