using System.Text.Json.Serialization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Evidence;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>What <c>--json</c> writes. Properties are added, never renamed or removed.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(RunDetails))]
[JsonSerializable(typeof(MetricSeries))]
[JsonSerializable(typeof(RunComparison))]
[JsonSerializable(typeof(RunMessages))]
[JsonSerializable(typeof(RunLeaderboard))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(VersionList))]
[JsonSerializable(typeof(VersionDetails))]
[JsonSerializable(typeof(AliasHistory))]
[JsonSerializable(typeof(AliasChange))]
[JsonSerializable(typeof(RegistryUpdate))]
[JsonSerializable(typeof(RegistryHistory))]
[JsonSerializable(typeof(VersionDeleted))]
[JsonSerializable(typeof(ModelComparison))]
[JsonSerializable(typeof(ModelCard))]
[JsonSerializable(typeof(Approval))]
[JsonSerializable(typeof(ApprovalList))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(AuditEntries))]
[JsonSerializable(typeof(AuditAnchor))]
[JsonSerializable(typeof(AuditFile))]
[JsonSerializable(typeof(BackupReport))]
[JsonSerializable(typeof(ArchiveReport))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(MlflowReport))]
[JsonSerializable(typeof(Garbage))]
[JsonSerializable(typeof(ScoringReport))]
internal sealed partial class ToolJson : JsonSerializerContext;
