using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Requests for approval as people read them.</summary>
internal static class ApprovalText
{
    /// <summary>Shows all that is recorded of a request.</summary>
    public static void Show(Terminal terminal, Approval approval)
    {
        terminal.Line(
            $"Approval {Shown.Number(approval.Id)}: {approval.Model}, version {Shown.Number(approval.Version)}, {Words(approval.State)}",
            approval.State is ApprovalState.Rejected or ApprovalState.Expired ? new Style(Color.Red) : Style.Plain);
        terminal.Line($"Requested {Shown.Moment(approval.RequestedAt)} UTC by {approval.Requester}{Live(approval)}");
        terminal.Line($"Reason: {approval.Reason}");
        terminal.Line($"Content {approval.ContentHash}");
        if (approval.State == ApprovalState.Pending)
        {
            terminal.Line($"Awaits {Awaited(approval)} until {Shown.Moment(approval.ExpiresAt)} UTC");
            terminal.Line(
                $"Cannot approve it: {string.Join(", ", approval.Authors.Prepend(approval.Requester).Distinct(StringComparer.Ordinal))}");
        }
        var waits = approval.State is ApprovalState.Pending or ApprovalState.Approved ? "waits" : "waited";
        foreach (var run in approval.Runs) terminal.Line($"Run {run} {waits} for it");
        if (approval.Given.Count == 0 && approval.Ended is null) return;
        var table = new TextTable("at (UTC)", "by", "role", "what", "why");
        foreach (var given in approval.Given)
        {
            table.Add(Shown.Moment(given.At), given.Actor, given.Role, "approved", given.Reason);
        }
        if (approval.Ended is { } end)
        {
            table.Add(
                approval.State is ApprovalState.Rejected or ApprovalState.Expired,
                Shown.Moment(end.At), end.Actor, end.Role, Words(approval.State), end.Reason);
        }
        terminal.Heading("Decisions");
        terminal.Table(table);
    }

    /// <summary>The roles that nobody approved for yet: model-owner, 2 × risk-officer.</summary>
    public static string Awaited(Approval approval) => ApprovalPolicy.Describe(approval.Missing);

    /// <summary>How it stands, in small letters.</summary>
    public static string Words(ApprovalState state) => Prose.Words(state.ToString());

    private static string Live(Approval approval) => (approval.Kind, approval.LiveVersion) switch
    {
        (ApprovalKind.Rollback, { } live) => $": a rollback from version {Shown.Number(live)}",
        (ApprovalKind.Rollback, null) => ": a rollback",
        (_, { } live) => $", to go live instead of version {Shown.Number(live)}",
        _ => ", to go live as the first version",
    };
}
