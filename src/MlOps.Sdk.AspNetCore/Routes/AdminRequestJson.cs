using System.Text.Json.Serialization;

namespace MlOps.Sdk.AspNetCore;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = 8)]
[JsonSerializable(typeof(ReleaseRequest))]
[JsonSerializable(typeof(SwitchRequest))]
[JsonSerializable(typeof(TrafficRequest))]
internal sealed partial class AdminRequestJson : JsonSerializerContext;
