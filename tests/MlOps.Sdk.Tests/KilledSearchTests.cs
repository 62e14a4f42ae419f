using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>A search whose process was killed resumes with the trials that it finished, and decides as if nothing had happened.</summary>
[TestFixture]
internal sealed class KilledSearchTests
{
    // Nine settings on two folds, and the last fit.
    private const int All = 9 * 2 + 1;

    private TempFolder _folder = null!;
    private string _csv = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _folder = new TempFolder();
        _csv = _folder["data.csv"];
        await File.WriteAllTextAsync(_csv, "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(600, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public async Task ResumeAsync_KilledSearch_TrainsTheRestAndDecidesTheSame()
    {
        var undisturbed = await SearchAsync("undisturbed", "run");
        foreach (var finished in LongForm.IsOn ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : (int[])[5])
        {
            await KillAsync($"killed{finished}", 2 * finished);
            string killed;

            // Long after the kill, so that all which nobody refers to is old enough to be removed.
            var later = new FakeTimeProvider(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
            await using (var workspace = await Workspace.OpenAsync(_folder[$"killed{finished}"], options => options.Time = later))
            {
                killed = (await workspace.Runs.LatestAsync("searched"))!.Id;
                var board = (await workspace.LeaderboardAsync(killed))!;
                Assert.That(board.IsFinished, Is.False);
                Assert.That(board.Trials, Has.Count.EqualTo(finished));
                await workspace.CollectGarbageAsync(dryRun: false);
            }

            var resumed = await SearchAsync($"killed{finished}", "resume");

            Assert.That(undisturbed.Trained, Is.EqualTo(All));
            Assert.That(resumed.Trained, Is.EqualTo(All - 2 * finished));
            Assert.That(resumed.ContentHash, Is.EqualTo(undisturbed.ContentHash));
            Assert.That(resumed.Leaderboard, Is.EqualTo(undisturbed.Leaderboard));
            Assert.That(
                resumed.Explained, Does.EndWith($"resumed with {finished} trial{(finished == 1 ? "" : "s")} of run {killed}"));
        }
    }

    [Test]
    public async Task RunAsync_AfterAKilledSearch_TakesItsTrialsOver()
    {
        await KillAsync("killed", 8);

        var next = await SearchAsync("killed", "run");
        var without = await SearchAsync("killed", "again");

        Assert.That(next.Trained, Is.EqualTo(All - 8));
        Assert.That(without.Trained, Is.EqualTo(All));
        Assert.That(next.ContentHash, Is.EqualTo(without.ContentHash));
        Assert.That(next.Leaderboard, Is.EqualTo(without.Leaderboard));
        await using var workspace = await Workspace.OpenAsync(_folder["killed"]);
        var runs = await workspace.Runs.ListAsync("searched");
        var (killed, ofNext) = (runs[2], (await workspace.LeaderboardAsync(runs[1].Id))!);
        Assert.That(runs.Select(run => run.Kind), Is.All.EqualTo(RunKind.Lifecycle));
        Assert.That(next.Explained, Does.EndWith($"resumed with 4 trials of run {killed.Id}"));
        Assert.That(ofNext.IsFinished, Is.True);
        Assert.That(ofNext.SearchedBy, Is.EqualTo(runs[1].Id));
        Assert.That(ofNext.Trials.Select(trial => trial.RunId), Is.Unique.And.None.Null);
        Assert.That(
            (await workspace.Runs.SearchAsync($"kind = \"Trial\" and parent = \"{runs[1].Id}\"")).Count, Is.EqualTo(9 - 4));
    }

    private async Task KillAsync(string workspace, int trainings)
    {
        using var child = HostProcess.Start("search", _folder[workspace], _csv, $"{trainings}", "run");
        Assert.That(await child.ReadLineAsync(), Is.EqualTo("waiting"));
        await child.KillAsync();
    }

    private async Task<(string ContentHash, int Trained, string Leaderboard, string Explained)> SearchAsync(string workspace, string how)
    {
        using var child = HostProcess.Start("search", _folder[workspace], _csv, $"{int.MaxValue}", how);
        return (
            (await child.ReadLineAsync())!,
            int.Parse((await child.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture),
            (await child.ReadLineAsync())!,
            (await child.ReadLineAsync())!);
    }
}
