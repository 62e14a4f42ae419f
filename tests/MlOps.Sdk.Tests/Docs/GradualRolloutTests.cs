using Acme;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The code of the pages about rollouts and windows, run.</summary>
[TestFixture]
public sealed class GradualRolloutTests
{
    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder["workspace"], options => options.Time = _time);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Rollout_OfABetterVersion_IsWatchedCancelledAndBegunAgain()
    {
        await Define(Trainers.LogisticRegression(options => options.L2 = 1_000), deployment => deployment.ToProcess()).RunAsync(_workspace);
        var lifecycle = Define(Trainers.GradientBoosting(options => options.Trees = 40), GradualRollout.Configure);

        var run = await lifecycle.RunAsync(_workspace);
        var began = await _workspace.Rollouts.FindAsync(ChurnLifecycle.Name);
        Serve(200);
        var watched = await GradualRollout.WatchAsync(lifecycle, _workspace, CancellationToken.None);
        var targets = await GradualRollout.ReconcileAsync(lifecycle, _workspace, CancellationToken.None);
        await GradualRollout.EndAsync(lifecycle, _workspace, began!.Version, CancellationToken.None);
        var again = await _workspace.Rollouts.FindAsync(ChurnLifecycle.Name);

        Assert.That(run.Deployment!.IsRollingOut, Is.True, run.Deployment.Reason);
        Assert.That((began.State, began.Share, began.Version), Is.EqualTo((RolloutState.Running, 0.05, 2)));
        Assert.That((watched, targets), Is.EqualTo(("Running", 1)));
        Assert.That((again!.State, again.Share, again.Version), Is.EqualTo((RolloutState.Running, 0.05, 2)));
        Assert.That(again.Id, Is.Not.EqualTo(began.Id));
        Assert.That(
            (await _workspace.Rollouts.HistoryAsync(ChurnLifecycle.Name)).Select(decision => decision.State),
            Does.Contain(RolloutState.Cancelled));
    }

    [Test]
    public async Task Windows_OfADay_AreJudgedWhenTheDayHasEnded()
    {
        await Define(Trainers.LogisticRegression(), deployment => deployment.ToProcess()).RunAsync(_workspace);
        Serve(300);
        var (during, _) = await WindowedChurn.CheckAsync(_workspace, CancellationToken.None);

        _time.Advance(TimeSpan.FromDays(1));
        var (reports, windows) = await WindowedChurn.CheckAsync(_workspace, CancellationToken.None);

        var berlin = TimeSpan.FromHours(1);
        Assert.That(during, Is.Empty);
        Assert.That(
            reports.Select(report => (report.Version, report.Window!.From, report.Window.To)),
            Is.EqualTo(new[] { (1, new DateTimeOffset(2026, 3, 2, 0, 0, 0, berlin), new DateTimeOffset(2026, 3, 3, 0, 0, 0, berlin)) }));
        Assert.That(windows.Select(window => (window.Version, window.Rows, window.Coverage)), Is.EqualTo(new[] { (1, 300L, 0.0) }));
    }

    private static Lifecycle Define(ITrainer trainer, Action<DeploymentBuilder> deploy) => LifecycleBuilder.Create(ChurnLifecycle.Name)
        .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes"))
        .CollectData(data => data.FromCsv(Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv")))
        .EngineerFeatures(features => features
            .Numeric(["tenure", "monthly_charges"])
            .OneHot(["contract", "internet_service"])
            .Observe("female"))
        .TrainModel(training => training.Try(trainer).CrossValidate(2).Trials(0))
        .DeployModel(deploy)
        .MonitorModel(WindowedChurn.Configure)
        .Build();

    private void Serve(int calls)
    {
        var endpoint = _workspace.Endpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name);
        for (var i = 0; i < calls; i++) endpoint.Predict(new Customer(i % 2, i % 72, 20 + i / 4.0, "One year", "DSL"));
    }
}
