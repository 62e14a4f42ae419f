using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(DeploymentReport))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
