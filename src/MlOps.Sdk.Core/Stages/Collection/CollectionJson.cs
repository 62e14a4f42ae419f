using System.Text.Json.Serialization;

namespace MlOps.Sdk.Collection;

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CollectionSummary))]
internal sealed partial class CollectionJson : JsonSerializerContext;
