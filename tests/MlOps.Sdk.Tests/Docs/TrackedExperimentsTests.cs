using Acme;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

[TestFixture]
public sealed class TrackedExperimentsTests
{
    [Test]
    public async Task TrackedExperiments_Snippets_FindWhatTheyLogged()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var rows = Dataset.FromBatches(new Schema([new Field("tenure", ColumnType.Number)]), []);

        var id = await TrackedExperiments.TryAsync(temporary.Workspace, rows, CancellationToken.None);
        var found = await TrackedExperiments.FindAsync(temporary.Workspace);
        var details = await TrackedExperiments.ReadAsync(temporary.Workspace, id);

        Assert.That(found.Select(run => run.Id), Is.EqualTo(new[] { id, id }));
        Assert.That((details.Run.State, details.Artifacts.Count, details.Notes.Count), Is.EqualTo((RunState.Succeeded, 1, 1)));
        Assert.That(await temporary.Workspace.Runs.SearchAsync("tag.reviewed = yes"), Has.Count.EqualTo(1));
        var other = await TrackedExperiments.TryAsync(temporary.Workspace, rows, CancellationToken.None);
        Assert.That(await TrackedExperiments.CompareAsync(temporary.Workspace, id, other), Does.Contain("tag reviewed"));
    }

    [Test]
    public async Task TrackedExperiments_Leaderboard_RanksTheTrialsOfARun()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var run = await SampleLifecycle.Begin().Build().RunAsync(temporary.Workspace);

        var board = await TrackedExperiments.RankAsync(temporary.Workspace, run.Id);

        Assert.That(board.Trials.Single().Result.Trainer, Is.EqualTo("logistic-regression"));
    }
}
