using System.Globalization;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk;

/// <summary>Writes events for webhooks, as UTF-8.</summary>
internal static class DeploymentEventBody
{
    public const string Schema = "mlops.deployment-event/1";

    public static byte[] Write(DeploymentEvent happened, string? workspace, WebhookFormat format) => WebhookBody.Write(
        format,
        Title(happened),
        happened.Reason ?? "",
        string.Create(CultureInfo.InvariantCulture, $"{happened.Actor}, {happened.At:u}, event {happened.Position}"),
        json => WriteJson(json, happened, workspace));

    private static string Title(DeploymentEvent happened)
    {
        if (happened.Kind == DeploymentEventKind.Test) return "A test: nothing happened";
        var title = new StringBuilder(happened.Model);
        if (happened.Version is { } version) title.Append(CultureInfo.InvariantCulture, $" version {version}");
        title.Append(": ").Append(Words(happened.Kind));
        if (happened.Share is { } share) title.Append(CultureInfo.InvariantCulture, $", {share:P1} of the calls");
        if (happened.Target is { } target) title.Append(CultureInfo.InvariantCulture, $", {target}");
        if (happened.PreviousVersion is { } previous) title.Append(CultureInfo.InvariantCulture, $", version {previous} before");
        return title.ToString();
    }

    private static string Words(DeploymentEventKind kind) => kind switch
    {
        DeploymentEventKind.Registered => "registered",
        DeploymentEventKind.Blessed => "passed its gates",
        DeploymentEventKind.Refused => "did not pass its gates",
        DeploymentEventKind.Promoted => "is live",
        DeploymentEventKind.RolledBack => "is live again",
        DeploymentEventKind.Routed => "calls divided",
        DeploymentEventKind.Stopped => "stopped",
        DeploymentEventKind.Resumed => "resumed",
        DeploymentEventKind.FallbackChanged => "fallback changed",
        DeploymentEventKind.RolloutStarted => "rollout started",
        DeploymentEventKind.RolloutAdvanced => "rollout advanced",
        DeploymentEventKind.RolloutCompleted => "rollout completed",
        DeploymentEventKind.RolloutRolledBack => "rollout rolled back",
        DeploymentEventKind.RolloutCancelled => "rollout cancelled",
        DeploymentEventKind.ApprovalRequested => "awaits approval",
        DeploymentEventKind.ApprovalGiven => "approved",
        DeploymentEventKind.ApprovalRejected => "rejected",
        DeploymentEventKind.ApprovalExpired => "approval expired",
        DeploymentEventKind.ApprovalSuperseded => "approval superseded",
        DeploymentEventKind.ApprovalRuleChanged => "who must approve was changed",
        DeploymentEventKind.Redelivered => "target repaired",
        _ => "changed",
    };

    private static void WriteJson(Utf8JsonWriter json, DeploymentEvent happened, string? workspace)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        if (workspace is not null) json.WriteString("workspace", workspace);
        json.WriteNumber("position", happened.Position);
        json.WriteString("kind", happened.Kind.ToString());
        json.WriteString("model", happened.Model);
        if (happened.Version is { } version) json.WriteNumber("version", version);
        if (happened.PreviousVersion is { } previous) json.WriteNumber("previousVersion", previous);
        if (happened.Share is { } share && double.IsFinite(share)) json.WriteNumber("share", share);
        if (happened.Target is { } target) json.WriteString("target", target);
        json.WriteString("at", happened.At.UtcDateTime);
        json.WriteString("actor", happened.Actor);
        if (happened.Reason is { } reason) json.WriteString("reason", reason);
        json.WriteEndObject();
    }
}
