using System.Text.Json.Serialization;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Packaging;

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PackageManifest))]
[JsonSerializable(typeof(Decision))]
[JsonSerializable(typeof(ProblemDefinition))]
[JsonSerializable(typeof(RunFacts))]
[JsonSerializable(typeof(GoldenRows))]
[JsonSerializable(typeof(InputContract))]
[JsonSerializable(typeof(PackageSignature))]
internal sealed partial class PackageJson : JsonSerializerContext;
