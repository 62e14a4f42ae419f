using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Audit;

namespace MlOps.Sdk;

/// <summary>Reads events from entries of the audit log.</summary>
internal static class DeploymentEventReader
{
    private const string Prefix = "model:";

    /// <returns>The event; <see langword="null"/> for an entry that is about something else.</returns>
    public static DeploymentEvent? Read(AuditEntry entry)
    {
        if (KindOf(entry.Action) is not { } kind || !entry.Subject.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var slash = entry.Subject.LastIndexOf('/');
        var (model, version) = slash < 0
            ? (entry.Subject[Prefix.Length..], null)
            : (entry.Subject[Prefix.Length..slash], (int?)NumberOf(entry.Subject[(slash + 1)..]));
        var details = DetailsOf(entry.Details);
        return new DeploymentEvent
        {
            Position = entry.Sequence,
            Kind = kind,
            Model = model,

            // Without a live version, calls are stopped all the same.
            Version = version > 0 ? version : null,
            PreviousVersion = details.GetValueOrDefault("previous") is { } previous ? NumberOf(previous) : null,
            Share = double.TryParse(details.GetValueOrDefault("share"), CultureInfo.InvariantCulture, out var share) ? share : null,
            Target = details.GetValueOrDefault("target"),
            At = entry.At,
            Actor = entry.Actor,
            Reason = details.GetValueOrDefault("reason"),
        };
    }

    private static DeploymentEventKind? KindOf(string action) => action switch
    {
        "model.registered" => DeploymentEventKind.Registered,
        "model.blessed" => DeploymentEventKind.Blessed,
        "model.refused" => DeploymentEventKind.Refused,
        "model.promoted" => DeploymentEventKind.Promoted,
        "model.rolled-back" => DeploymentEventKind.RolledBack,
        "model.routed" => DeploymentEventKind.Routed,
        "model.stopped" => DeploymentEventKind.Stopped,
        "model.resumed" => DeploymentEventKind.Resumed,
        "model.fallback" => DeploymentEventKind.FallbackChanged,
        "model.redelivered" => DeploymentEventKind.Redelivered,
        "rollout.started" => DeploymentEventKind.RolloutStarted,
        "rollout.advanced" => DeploymentEventKind.RolloutAdvanced,
        "rollout.completed" => DeploymentEventKind.RolloutCompleted,
        "rollout.rolled-back" => DeploymentEventKind.RolloutRolledBack,
        "approval.requested" => DeploymentEventKind.ApprovalRequested,
        "approval.approved" => DeploymentEventKind.ApprovalGiven,
        "approval.rejected" => DeploymentEventKind.ApprovalRejected,
        "approval.expired" => DeploymentEventKind.ApprovalExpired,
        "approval.superseded" => DeploymentEventKind.ApprovalSuperseded,
        "approval.policy" => DeploymentEventKind.ApprovalRuleChanged,
        "rollout.cancelled" => DeploymentEventKind.RolloutCancelled,
        _ => null,
    };

    private static int? NumberOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // Details that somebody damaged tell nothing; the verification of the log names them.
    private static Dictionary<string, string> DetailsOf(string json)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return details;
            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.String) details[field.Name] = field.Value.GetString()!;
            }
        }
        catch (JsonException)
        {
            details.Clear();
        }

        return details;
    }
}
