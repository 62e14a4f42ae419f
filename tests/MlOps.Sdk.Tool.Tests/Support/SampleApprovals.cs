using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tool.Tests;

/// <summary>Requests for approval in a copy of the sample workspace, of which no lifecycle requires any.</summary>
internal static class SampleApprovals
{
    public const string Requester = "dan";

    private static readonly ApprovalPolicy s_policy = new() { Roles = ["risk-officer", "model-owner"], CoversRollback = true };

    /// <summary>
    /// Requires approvals, also for rollbacks, and requests one for version 1, for which its run waits.
    /// </summary>
    /// <returns>The number of the request.</returns>
    public static async Task<long> AddAsync(string path, string reason = "it is better on the same rows")
    {
        await using var workspace = await OpenAsync(path);
        await RequireAsync(workspace);
        var version = await workspace.Models.GetAsync(SampleWorkspace.Model, 1);
        var requester = new MlOps.Sdk.Audit.ActingPerson(Requester, Requester);
        var request = new NewApproval(version, ApprovalKind.Promotion, 2, s_policy, requester, reason, version.RunId);
        return (await workspace.Approvals.Registry.RequestAsync(request, default)).Id;
    }

    /// <summary>A lifecycle whose versions a risk officer must approve.</summary>
    public static Lifecycle NewLifecycle(string name) => LifecycleBuilder.Create(name)
        .DefineProblem(problem => problem.BinaryClassification(SampleRows.Label, SampleRows.Positive))
        .CollectData(data => data.From(new DatasetSource(SampleRows.Create(600), "sample rows")))
        .ProcessData(data => data.Split(test: 0.3))
        .EngineerFeatures(features => features.Auto())
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(3).Threads(1))
        .DeployModel(deployment => deployment.ToProcess().RequireApproval(approval => approval.By("risk-officer")))
        .Build();

    /// <summary>Requires approvals, also for rollbacks.</summary>
    public static async Task RequireAsync(string path)
    {
        await using var workspace = await OpenAsync(path);
        await RequireAsync(workspace);
    }

    private static Task<Workspace> OpenAsync(string path) => Workspace.OpenAsync(path, options => options.Actor = Requester);

    private static async Task RequireAsync(Workspace workspace)
    {
        var version = await workspace.Models.GetAsync(SampleWorkspace.Model, 2);
        await workspace.Store.WriteAsync(connection =>
            ApprovalRecords.SetPolicy(connection, version, s_policy, workspace.Store.Clock.GetUtcNow(), Requester, "policy of the bank"));
    }
}
