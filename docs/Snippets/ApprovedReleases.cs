using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;

namespace Acme;

/// <summary>Versions that people approve before they go live.</summary>
internal static class ApprovedReleases
{
    public static void Configure(DeploymentBuilder deployment) =>
        // begin-snippet: require-approval
        deployment
            .ToProcess()
            .RequireApproval(approval => approval
                .By("risk-officer")
                .By("model-owner") // two roles, two people
                .ExpiresAfter(TimeSpan.FromDays(14))
                .RemindEvery(TimeSpan.FromDays(2))
                .AlsoForRollback());
        // end-snippet

    public static async Task<Approval> AskAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        // begin-snippet: pending-approvals
        var pending = await workspace.Approvals.ListAsync(state: ApprovalState.Pending, cancellationToken: cancellationToken);
        foreach (var request in pending)
        {
            Console.WriteLine($"{request.Id}: {request.Model} version {request.Version} awaits {string.Join(", ", request.Missing)}");
            Console.WriteLine(request.Reason); // for example how it compares with the live version on the same rows
        }
        // end-snippet
        return pending[0];
    }

    public static async Task<Approval> ApproveAsync(Workspace workspace, long id)
    {
        // begin-snippet: approve
        var approval = await workspace.Approvals.ApproveAsync(id, "the bias report is fine, ticket R-318");
        // end-snippet
        return approval;
    }

    public static async Task<Approval> RejectAsync(Workspace workspace, long id)
    {
        // begin-snippet: reject
        var approval = await workspace.Approvals.RejectAsync(id, "the group under 25 is too small to judge");
        // end-snippet
        return approval;
    }

    public static async Task<LifecycleRun> GoOnAsync(
        Lifecycle lifecycle, Workspace workspace, string runId, CancellationToken cancellationToken)
    {
        // begin-snippet: go-on
        var run = await lifecycle.ResumeAsync(workspace, runId, cancellationToken: cancellationToken);
        // end-snippet
        return run;
    }

    public static async Task<long?> RollBackAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        // begin-snippet: approved-rollback
        try
        {
            await workspace.Models.RollbackAsync("customer-churn", "too many wrong alarms", cancellationToken: cancellationToken);
        }
        catch (ApprovalRequiredException needed)
        {
            Console.WriteLine(needed.Message); // … is not live yet: Approval 7 awaits model-owner, risk-officer until …
            return needed.Approval?.Id;
        }
        // end-snippet
        return null;
    }

    public static async Task<Workspace> OpenAsync(string folder, string user)
    {
        // begin-snippet: own-roles
        var workspace = await Workspace.OpenAsync(folder, options =>
        {
            options.Actor = user;
            options.Roles.Add("risk-officer");
        });
        // end-snippet
        return workspace;
    }
}

// begin-snippet: approval-roles
/// <summary>Who may approve what, by the groups of the directory.</summary>
internal sealed class DirectoryRoles(Func<string?> signedInUser, IReadOnlyDictionary<string, IReadOnlySet<string>> members) : IActorProvider
{
    public string Actor => signedInUser() ?? "training-service";

    public bool May(ReleaseAction action, string model) => true;

    public bool IsIn(string role, string model) => members.TryGetValue(role, out var people) && people.Contains(Actor);
}
// end-snippet
