using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MonitoringReport))]
[JsonSerializable(typeof(MonitoringSummary))]
[JsonSerializable(typeof(TableComparison))]
[JsonSerializable(typeof(Packaging.Decision))]
internal sealed partial class MonitoringJson : JsonSerializerContext
{
    /// <exception cref="MlOpsException">The row is damaged.</exception>
    public static MonitoringReport ReadReport(VerdictRow row) => StoredRecord.Read(
        $"a report of '{row.Model}'",
        () => JsonSerializer.Deserialize(row.Report, Default.MonitoringReport) is { Findings: not null } report
            ? report
            : throw new JsonException("There is no report."));
}
