using System.Text.Json.Serialization;

namespace MlOps.Sdk.Execution;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(StageFacts))]
internal sealed partial class ExecutionJson : JsonSerializerContext;
