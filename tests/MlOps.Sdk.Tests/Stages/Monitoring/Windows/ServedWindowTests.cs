using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>Windows of versions that answer: several at a time, in several processes, with labels that come later.</summary>
[TestFixture]
public sealed class ServedWindowTests
{
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;
    private LifecycleRun _run = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path);
        _run = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(_workspace);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Check_ServedByAnotherProcess_IsPartOfTheWindow()
    {
        await using (var server = await Workspace.OpenAsync(_folder.Path))
        {
            await server.ServeAsync(SampleLifecycle.Name);
            SampleLifecycle.Serve(server, Subscriber.Draw(300, 2, shifted: true));
        }

        SampleLifecycle.Serve(_workspace, Subscriber.Draw(100, 3, shifted: true));
        var report = (await _workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That((report.Rows, report.HasChanged, report.Window!.Versions.Single()), Is.EqualTo((400, true, new VersionRows(1, 400))));
    }

    [Test]
    public async Task Check_ProcessWithoutTheLifecycle_FollowsTheDeclaredWindows()
    {
        await SampleLifecycle.Begin().Deployed()
            .Monitored(monitoring => monitoring.DataDrift().Window(MonitoringWindows.OfRows(250))).Build().RunAsync(_workspace);
        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        await using (var server = await Workspace.OpenAsync(_folder.Path))
        {
            await server.ServeAsync(SampleLifecycle.Name);
            SampleLifecycle.Serve(server, Subscriber.Draw(260, 2));
        }

        var report = (await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync()).Single();

        Assert.That((report.Rows, report.Window!.Kind), Is.EqualTo((250, WindowKind.Count)));
    }

    [Test]
    public async Task Check_RollbackDuringAWindow_ReportsEachVersionAndResetsNone()
    {
        var monitor = _workspace.Monitor(SampleLifecycle.Name);
        using var package = await ReadAsync();
        SampleLifecycle.Serve(_workspace, Subscriber.Draw(150, 2));
        await monitor.FlushAsync();
        using (var second = new ModelSlot("second"))
        {
            second.Swap(2, await ReadAsync(), () => monitor.NewRecorder(2, package));
            Predict(second, 260, 3, shifted: true);
            await monitor.FlushAsync();
        }

        SampleLifecycle.Serve(_workspace, Subscriber.Draw(150, 4));
        var reports = await monitor.CheckAllAsync();

        Assert.That(reports.Select(report => (report.Version, report.Rows)), Is.EqualTo(new[] { (2, 260L), (1, 300L) }));
        Assert.That(reports.Select(report => report.HasChanged), Is.EqualTo(new[] { true, false }));
        Assert.That(reports[0].Window!.Versions, Is.EqualTo(new[] { new VersionRows(1, 300), new VersionRows(2, 260) }));
        Assert.That(reports.Sum(report => report.SignificanceLevel), Is.LessThanOrEqualTo(0.05), "they share the level of a check");
    }

    [Test]
    public async Task Check_TwoVersionsAnswer_MeasuresTheCallsOfAllOnce()
    {
        await SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.DataDrift().Volume()).Build().RunAsync(_workspace);
        var monitor = _workspace.Monitor(SampleLifecycle.Name);
        using var package = await ReadAsync();
        using var second = new ModelSlot("second");
        second.Swap(2, await ReadAsync(), () => monitor.NewRecorder(2, package));
        Predict(second, 300, 20, shifted: false);
        await monitor.FlushAsync();
        SampleLifecycle.Serve(_workspace, Subscriber.Draw(300, 30));

        var reports = await monitor.CheckAllAsync();

        var told = reports.Select(report => report.Findings.Single(finding => finding.Measurement.Signal == Signal.Volume).Measurement);
        Assert.That(reports.Select(report => report.Version), Is.EqualTo(new[] { 2, 1 }));
        Assert.That(told.First().NotMeasured, Is.EqualTo("The report of version 1 has it, over all versions."));
        Assert.That(told.Last().NotMeasured, Does.StartWith("Calls are not counted since"));
    }

    [Test]
    public async Task Check_TwoVersionsAnswer_AlertOfOneIsNotEndedByTheOther()
    {
        var monitor = _workspace.Monitor(SampleLifecycle.Name);
        using var package = await ReadAsync();
        using var second = new ModelSlot("second");
        second.Swap(2, await ReadAsync(), () => monitor.NewRecorder(2, package));
        var reports = new List<MonitoringReport>();
        for (var check = 0; check < 3; check++)
        {
            Predict(second, 300, 20 + check, shifted: true);
            SampleLifecycle.Serve(_workspace, Subscriber.Draw(300, 30 + check));
            await monitor.FlushAsync();
            reports.AddRange(await monitor.CheckAllAsync());
        }

        Assert.That(reports.Count(report => report.Alert is not null), Is.EqualTo(1));
        Assert.That(reports.SelectMany(report => report.Resolved), Is.Empty);
    }

    [Test]
    public async Task Check_CallsAreDividedAndThenRolledBack_SaysAsWhichArmsVersionsAnswered()
    {
        // Without the keys of the rows that the first learned from, the two cannot be compared, and the second replaces it.
        _workspace.Files.Delete(_run.Record.Stages.SelectMany(stage => stage.Outputs).Single(output => output.Key == "train keys").Value);
        var second = await SampleLifecycle.Begin(Subscriber.Draw(700, 9))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable()).Monitored().Build().RunAsync(_workspace);
        Assert.That(second.Deployment!.IsDeployed, Is.True, second.Deployment.Reason);
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 1, 0.5)], "compare");
        SampleLifecycle.Serve(_workspace, Subscriber.Draw(900, 2));
        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "worse");
        SampleLifecycle.Serve(_workspace, Subscriber.Draw(300, 3));

        var reports = await _workspace.Monitor(SampleLifecycle.Name).CheckAllAsync();

        var (later, earlier) = (reports[0].Window!, reports[1].Window!);
        Assert.Multiple(() =>
        {
            Assert.That(reports.Select(report => report.Version), Is.EqualTo(new[] { 2, 1 }));
            Assert.That(later.Arms, Is.EqualTo(new[] { new ArmRows("live", later.Rows) }));
            Assert.That(earlier.Arms, Is.EquivalentTo(new[] { new ArmRows("canary", earlier.Rows - 300), new ArmRows("live", 300) }));
            Assert.That(earlier.Rows + later.Rows, Is.EqualTo(1_200));
            Assert.That(later.Rows, Is.InRange(350, 550));
            Assert.That(reports[1].ToHtml(), Does.Contain("Predictions by arm: "));
        });
    }

    [Test]
    public async Task Label_EarlierVersionStandsIn_IsComparedWithTheLiveOne()
    {
        var monitor = _workspace.Monitor(SampleLifecycle.Name);
        await using var drain = new PredictionDrain("fallback", _workspace.MonitoringServices);
        using var live = await ReadAsync();
        using var earlier = await ReadAsync();
        var recorder = drain.NewRecorder(2, live);
        drain.NewRecorder(1, earlier);

        Assert.That(drain.NewestPackage, Is.SameAs(live));
        recorder.Close();
        Assert.That(drain.NewestPackage, Is.SameAs(earlier), "it was rolled back");
    }

    [Test]
    public async Task Windows_LabelsComeLater_CoverageGrows()
    {
        var monitor = _workspace.Monitor(SampleLifecycle.Name);
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var ids = Subscriber.Draw(300, 2).Select(row => endpoint.Predict(UnlabelledSubscriber.Of(row)).Id).ToArray();
        await monitor.FlushAsync();
        await LabelAsync(ids[..30]);
        Assert.That((await monitor.WindowsAsync()).Single(), Has.Property("Rows").EqualTo(300).And.Property("Labelled").EqualTo(30)
            .And.Property("IsComplete").False);

        var report = (await monitor.CheckAsync())!;
        var next = Subscriber.Draw(80, 3).Select(row => endpoint.Predict(UnlabelledSubscriber.Of(row)).Id).ToArray();
        await monitor.FlushAsync();
        await LabelAsync(ids[..200]);
        await LabelAsync(next[..20]);
        var windows = await monitor.WindowsAsync();

        Assert.Multiple(() =>
        {
            Assert.That((report.Window!.Labelled, report.Window.Coverage), Is.EqualTo((30, 0.1)));
            Assert.That(
                windows.Select(window => (window.Rows, window.Labelled, window.IsComplete)),
                Is.EqualTo(new[] { (80L, 20L, false), (300L, 200L, true) }));
            Assert.That(windows[1].Coverage, Is.EqualTo(2 / 3.0).Within(1e-12));
            Assert.That(windows[1].ToString(), Does.Contain("300 predictions, 200 labelled"));
        });

        Task LabelAsync(PredictionId[] labelled) =>
            monitor.LabelAsync(labelled.Select(id => new KeyValuePair<PredictionId, string>(id, "Yes")));
    }

    private async Task<ModelPackage> ReadAsync() =>
        await _workspace.ReadPackageAsync(await _workspace.Models.GetAsync(SampleLifecycle.Name, 1));

    private static void Predict(ModelSlot slot, int rows, int seed, bool shifted)
    {
        var endpoint = new Endpoint<UnlabelledSubscriber, Answer>(slot);
        foreach (var row in Subscriber.Draw(rows, seed, shifted)) endpoint.Predict(UnlabelledSubscriber.Of(row));
    }
}
