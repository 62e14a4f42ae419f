using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What archives hold, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(ArchiveLine))]
[JsonSerializable(typeof(ArchivedVersion))]
[JsonSerializable(typeof(ArchivedCatalogEntry))]
[JsonSerializable(typeof(ArchivedAudit))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
