using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>What a backup holds, as people read it.</summary>
internal static class BackupText
{
    /// <param name="terminal">Where to.</param>
    /// <param name="report">The backup.</param>
    /// <param name="deed">What was done with it; its folder follows.</param>
    public static void Show(Terminal terminal, BackupReport report, string deed)
    {
        terminal.Line($"{deed} {report.Path}");
        terminal.Line(
            $"As of {Shown.Moment(report.CreatedAt)} UTC, {Prose.Count(report.Artifacts, "artifact")}, {Shown.Size(report.TotalSize)}");
        terminal.Line($"Audit log: {Prose.Count(report.AuditEntries)} entries, head {report.AuditHead}");
        if (report.Lost.Count == 0) return;
        terminal.Line($"What the workspace had lost before: {Prose.Count(report.Lost.Count, "artifact")}", new Style(Color.Red));
        foreach (var lost in report.Lost) terminal.Line($"- {lost.Id.Hex}: {lost.Problem}");
    }
}
