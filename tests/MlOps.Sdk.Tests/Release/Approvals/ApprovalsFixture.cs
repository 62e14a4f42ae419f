using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>
/// A workspace with a clock that the test moves, where <c>dan</c> runs lifecycles, and <c>ann</c> and <c>bob</c> approve.
/// </summary>
internal abstract class ApprovalsFixture
{
    protected const string Name = SampleLifecycle.Name;

    protected TempFolder Folder { get; private set; } = null!;

    protected FakeTimeProvider Time { get; private set; } = null!;

    protected People People { get; private set; } = null!;

    protected Workspace Workspace { get; private set; } = null!;

    [SetUp]
    public async Task Open()
    {
        Folder = new TempFolder();
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        People = new People();
        Workspace = await OpenAnotherAsync();
    }

    [TearDown]
    public async Task Close()
    {
        await Workspace.DisposeAsync();
        Folder.Dispose();
    }

    protected Task<Workspace> OpenAnotherAsync() => Workspace.OpenAsync(Folder.Path, options =>
    {
        options.Time = Time;
        options.Actors = People;
    });

    /// <summary>A lifecycle whose version must be approved by a risk officer and an owner.</summary>
    protected static LifecycleBuilder Begin(
        int rows = 1_000, Action<ApprovalBuilder>? approval = null, Action<DeploymentBuilder>? deploy = null) =>
        SampleLifecycle.Begin(Subscriber.Draw(rows, seed: 1)).Deployed(deployment =>
        {
            deployment.ToProcess().ReplaceIncomparable().RequireApproval(approval ?? Both);
            deploy?.Invoke(deployment);
        });

    protected static void Both(ApprovalBuilder approval) => approval.By("risk-officer").By("model-owner");

    protected async Task<Approval> DecideAsync(string person, long approval, bool approves = true, Workspace? workspace = null)
    {
        var before = People.Actor;
        People.Actor = person;
        try
        {
            var approvals = (workspace ?? Workspace).Approvals;
            return approves
                ? await approvals.ApproveAsync(approval, $"{person} has looked at it")
                : await approvals.RejectAsync(approval, $"{person} has doubts");
        }
        finally
        {
            People.Actor = before;
        }
    }

    /// <summary>Makes a version live, with the approval of both, that the next one may replace without a comparison.</summary>
    protected async Task<int> DeployAsync(int rows, Action<ApprovalBuilder>? approval = null)
    {
        var lifecycle = Begin(rows, approval).Build();
        var run = await lifecycle.RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);
        run = await lifecycle.ResumeAsync(Workspace, run.Id);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        Workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(output => output.Key == "train keys").Value);
        return run.Deployment.Version;
    }

    protected async Task ApproveAsync(long approval)
    {
        await DecideAsync("ann", approval);
        await DecideAsync("bob", approval);
    }

    /// <summary>Runs a lifecycle whose version is approved and blessed, and kept back because the actor may not promote.</summary>
    protected async Task KeepBackAsync(Lifecycle lifecycle)
    {
        var run = await lifecycle.RunAsync(Workspace);
        await ApproveAsync(run.Deployment!.AwaitsApproval!.Value);
        People.Forbidden.Add("eve");
        People.Actor = "eve";
        var kept = await lifecycle.ResumeAsync(Workspace, run.Id);
        People.Actor = "dan";
        Assert.That(kept.Deployment!.IsKeptBack, Is.True, kept.Deployment.Reason);
    }

    protected async Task<int?> LiveAsync() => (await Workspace.Models.FindByAliasAsync(Name, ModelRegistry.Champion))?.Version;

    /// <summary>Changes the database as another program could.</summary>
    protected async Task TamperAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Folder["mlops.db"]};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
