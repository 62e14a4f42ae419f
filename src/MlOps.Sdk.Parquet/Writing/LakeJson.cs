using System.Text.Json.Serialization;

namespace MlOps.Sdk.Collection;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LakeManifest))]
internal sealed partial class LakeJson : JsonSerializerContext;
