using Acme;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The code of the page about approvals, run.</summary>
[TestFixture]
public sealed class ApprovedReleasesTests
{
    private static readonly Dictionary<string, IReadOnlySet<string>> s_members = new()
    {
        ["risk-officer"] = new HashSet<string> { "ann" },
        ["model-owner"] = new HashSet<string> { "bob" },
    };

    [Test]
    public async Task Version_IsApprovedRejectedAndRolledBack()
    {
        using var folder = new TempFolder();
        var user = "dan";
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.Actors = new DirectoryRoles(() => user, s_members));
        var lifecycle = Define(Trainers.Baseline());
        var run = await lifecycle.RunAsync(workspace);
        var request = await ApprovedReleases.AskAsync(workspace, CancellationToken.None);
        user = "ann";
        await ApprovedReleases.ApproveAsync(workspace, request.Id);
        user = "bob";
        await ApprovedReleases.ApproveAsync(workspace, request.Id);
        user = "dan";
        var live = await ApprovedReleases.GoOnAsync(lifecycle, workspace, run.Id, CancellationToken.None);
        var better = Define(Trainers.LogisticRegression());
        run = await better.RunAsync(workspace);
        user = "ann";
        var rejected = await ApprovedReleases.RejectAsync(workspace, run.Deployment!.AwaitsApproval!.Value);
        user = "dan";
        run = await better.ResumeAsync(workspace, run.Id);
        user = "bob";
        await ApprovedReleases.ApproveAsync(workspace, run.Deployment!.AwaitsApproval!.Value);
        user = "ann";
        await ApprovedReleases.ApproveAsync(workspace, run.Deployment.AwaitsApproval.Value);
        user = "dan";
        await better.ResumeAsync(workspace, run.Id);

        var rollback = await ApprovedReleases.RollBackAsync(workspace, CancellationToken.None);
        await using var console = await ApprovedReleases.OpenAsync(folder.Path, "ann");
        var half = await ApprovedReleases.ApproveAsync(console, rollback!.Value);

        Assert.That(live.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(rejected.State, Is.EqualTo(ApprovalState.Rejected));
        Assert.That((half.State, half.Kind, half.Version), Is.EqualTo((ApprovalState.Pending, ApprovalKind.Rollback, 1)));
        Assert.That(half.Missing, Is.EqualTo(new[] { "model-owner" }));
    }

    private static Lifecycle Define(ITrainer trainer) => LifecycleBuilder.Create(ChurnLifecycle.Name)
        .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes"))
        .CollectData(data => data.FromCsv(Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv")))
        .EngineerFeatures(features => features.Numeric(["tenure", "monthly_charges"]).OneHot(["contract", "internet_service"]))
        .TrainModel(training => training.Try(trainer).CrossValidate(2).Trials(0))
        .DeployModel(ApprovedReleases.Configure)
        .Build();
}
