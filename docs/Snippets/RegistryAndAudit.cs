using MlOps.Sdk;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Evidence;
using MlOps.Sdk.Registry;

namespace Acme;

/// <summary>What people say of models, and the log of who did what.</summary>
internal static class RegistryAndAudit
{
    public static async Task<ModelVersion?> NameAsync(Workspace workspace)
    {
        // begin-snippet: registry-aliases
        var models = workspace.Models;
        await models.SetAliasAsync("customer-churn", "candidate", version: 2, "to be reviewed");
        var candidate = await models.FindByAliasAsync("customer-churn", "candidate");

        // Only if nobody moved it meanwhile; otherwise a ConcurrencyException, and nothing changes.
        await models.SetAliasAsync("customer-churn", "candidate", version: 1, "the other one is too slow", expected: 2);
        foreach (var move in await models.AliasHistoryAsync("customer-churn", "candidate")) Console.WriteLine(move);
        // end-snippet
        return candidate;
    }

    public static async Task<IReadOnlyList<ModelVersion>> DescribeAsync(Workspace workspace)
    {
        // begin-snippet: registry-tags
        var models = workspace.Models;
        await models.DescribeAsync("customer-churn", "Whom the retention team calls.");
        await models.SetTagAsync("customer-churn", "team", "retention");
        await models.SetTagAsync("customer-churn", "reviewed", "yes", version: 2);

        var reviewed = await models.SearchAsync(new VersionQuery
        {
            Model = "customer-churn",
            Tags = new Dictionary<string, string?> { ["reviewed"] = "yes" }, // null for any value
        });
        // end-snippet
        return reviewed;
    }

    public static async Task<VersionDeletion> CleanUpAsync(Workspace workspace, int version)
    {
        // begin-snippet: registry-delete
        var models = workspace.Models;
        await models.ArchiveAsync("customer-churn", version, "replaced");       // hidden, and not to be made live
        await models.UnarchiveAsync("customer-churn", version, "still needed");

        var deletion = await models.DeleteAsync("customer-churn", version, "trained on rows that had to be erased");
        var freed = await workspace.CollectGarbageAsync(dryRun: true);          // what would be removed
        Console.WriteLine($"{freed.Artifacts.Count} artifacts, {freed.TotalSize:N0} bytes");
        // end-snippet
        return deletion;
    }

    public static async Task<ModelComparison> CompareAsync(Workspace workspace)
    {
        // begin-snippet: registry-compare
        var comparison = await workspace.Models.CompareAsync("customer-churn", 1, 2);
        Console.WriteLine(comparison);
        await File.WriteAllTextAsync(Path.Combine(workspace.Path, "versions.html"), comparison.ToHtml());
        // end-snippet
        return comparison;
    }

    public static async Task<ModelCard> WriteCardAsync(Workspace workspace)
    {
        // begin-snippet: model-card
        await workspace.Models.SetTagAsync("customer-churn", "card.out-of-scope", "Decisions on prices and contracts.");
        var card = await workspace.Models.CardAsync("customer-churn", 1);
        await File.WriteAllTextAsync(Path.Combine(workspace.Path, "card.md"), card.ToMarkdown());
        await File.WriteAllTextAsync(Path.Combine(workspace.Path, "card.html"), card.ToHtml());
        foreach (var gap in card.Missing) Console.WriteLine($"{gap.Section}: {gap.What} {gap.Remedy}");
        // end-snippet
        return card;
    }

    public static async Task<AuditVerification> AnchorAsync(Workspace workspace, string elsewhere)
    {
        // begin-snippet: audit-anchor
        var anchor = await workspace.Audit.AnchorAsync();
        await File.AppendAllLinesAsync(elsewhere, [anchor.ToString()]); // where those who write to the workspace cannot

        var kept = AuditAnchor.Parse((await File.ReadAllLinesAsync(elsewhere))[^1]);
        var verification = await workspace.Audit.VerifyAsync(kept);
        if (!verification.IsIntact) Console.WriteLine($"{verification.Kind} at {verification.FirstBroken}: {verification.Problem}");
        // end-snippet
        return verification;
    }

    public static async Task<long> ExportAsync(Workspace workspace, string path)
    {
        // begin-snippet: audit-export
        await using var file = File.Create(path);
        var count = await workspace.Audit.ExportAsync(
            file, AuditFormat.JsonLines, new AuditFilter { Subject = "model:customer-churn" });
        // end-snippet
        return count;
    }

    public static async Task<ReleasedSnapshots> PlanAsync(Workspace workspace)
    {
        // begin-snippet: retention-plan
        var plan = await workspace.ReleaseSnapshotsAsync(
            new SnapshotRetention { KeepRuns = 5, KeepFor = TimeSpan.FromDays(30) }, dryRun: true);
        Console.WriteLine($"{plan.Runs.Count} runs would release {plan.TotalSize:N0} bytes.");
        foreach (var kept in plan.Kept) Console.WriteLine($"{kept.Run} keeps {kept.Size:N0} bytes: {string.Join(" ", kept.Reasons)}");
        // end-snippet
        return plan;
    }
}
