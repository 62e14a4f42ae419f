using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>The format of an archive as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ArchiveFormat))]
internal sealed partial class ArchiveFormatJson : JsonSerializerContext;
