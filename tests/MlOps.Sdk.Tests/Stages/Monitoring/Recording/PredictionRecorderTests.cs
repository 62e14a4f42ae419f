using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class PredictionRecorderTests
{
    // Traffic without a pause: what is asked to end, ends with what was recorded when it was asked.
    [Test]
    public async Task FlushCheckAndDispose_WhileCallersPredictWithoutAPause_End()
    {
        using var folder = new TempFolder();
        var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint(SampleLifecycle.Name);
        var row = new Dictionary<string, object?> { ["age"] = 30, ["spend"] = 40.0, ["plan"] = "monthly", ["abroad"] = true };
        var isOver = false;
        var callers = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            try
            {
                while (!Volatile.Read(ref isOver)) endpoint.Predict(row);
            }
            catch (ObjectDisposedException)
            {
                // The workspace is gone.
            }
        })).ToArray();
        foreach (var caller in callers) caller.Start();
        try
        {
            var monitor = workspace.Monitor(SampleLifecycle.Name);
            await monitor.FlushAsync().WaitAsync(TimeSpan.FromMinutes(1));
            await monitor.LabelAsync([new(PredictionId.FromKey("never predicted"), "Yes")]).WaitAsync(TimeSpan.FromMinutes(1));
            await monitor.CheckAsync().WaitAsync(TimeSpan.FromMinutes(1));
            Assert.That(await workspace.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name), Is.GreaterThan(0));
            await workspace.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            foreach (var caller in callers) caller.Join();
        }
    }

    // Of the user's code, only the clock is asked while predictions are stored in the background.
    [Test]
    public async Task Record_StoringIsCancelledByOthers_PredictionsAreStoredInTheBackgroundLater()
    {
        using var folder = new TempFolder();
        var clock = new WatchedClock();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var later = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        clock.Asked = () =>
        {
            clock.Asked = () => later.TrySetResult();
            cancelled.SetResult();
            throw new OperationCanceledException("timed out");
        };

        SampleLifecycle.Serve(workspace, Subscriber.Draw(1, 1));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
        SampleLifecycle.Serve(workspace, Subscriber.Draw(3, 2));
        await later.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();

        Assert.That(await workspace.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name), Is.EqualTo(4));
    }

    [Test]
    public async Task NewRecorder_OlderOneHoldsPredictions_KeepsItUntilTheyAreStored()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        using var package = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var monitor = workspace.Monitor(SampleLifecycle.Name);

        SampleLifecycle.Serve(workspace, Subscriber.Draw(5, 1));
        for (var version = 2; version < 8; version++) monitor.NewRecorder(version, package);
        await monitor.FlushAsync();

        Assert.That(await workspace.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name), Is.EqualTo(5));
    }

    [Test]
    public async Task Record_VersionThatIsNoLongerLive_IsForgottenOnceItIsStoredAndItsDropsAreNot()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        using var package = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        await using var drain = new PredictionDrain("forgotten", workspace.MonitoringServices);
        var slot = new ModelSlot("forgotten");
        var endpoint = new Endpoint<UnlabelledSubscriber, Answer>(slot);
        slot.Swap(1, await ReadAsync(), () => drain.NewRecorder(1, package));
        endpoint.Predict(new(30, 40, new string('x', (16 * 1024 * 1024) + 1), true));
        endpoint.Predict(new(30, 40, "monthly", true));

        slot.Swap(2, await ReadAsync(), () => drain.NewRecorder(2, package));
        await drain.FlushAsync(default);

        Assert.That(drain.Versions, Is.EqualTo(new[] { 2 }));
        Assert.That(drain.DroppedBy(1), Is.EqualTo(1));
        Assert.That(await workspace.MonitoringServices.Predictions.CountAsync("forgotten"), Is.EqualTo(1));
        slot.Dispose();
        await drain.FlushAsync(default);
        Assert.That(drain.Versions, Is.EqualTo(new[] { 2 }), "The newest stays: labels are compared with its classes.");

        async Task<ModelPackage> ReadAsync() =>
            await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
    }

    [Test]
    public async Task Record_VersionsChangeFasterThanTheyAreStored_KeepsTheNewestAndCountsTheOthersAsDropped()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = new FakeTimeProvider());
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var version = await workspace.Models.GetAsync(SampleLifecycle.Name, 1);
        using var package = await workspace.ReadPackageAsync(version);
        await using var drain = new PredictionDrain("hurried", workspace.MonitoringServices);
        using var slot = new ModelSlot("hurried");
        var endpoint = new Endpoint<UnlabelledSubscriber, Answer>(slot);
        for (var number = 1; number <= 20; number++)
        {
            var next = await workspace.ReadPackageAsync(version);
            slot.Swap(number, next, () => drain.NewRecorder(number, package));
            endpoint.Predict(new(30, 40, "monthly", true));
        }

        await drain.FlushAsync(default);

        var stored = await workspace.MonitoringServices.Predictions.CountAsync("hurried");
        Assert.That(stored, Is.InRange(8, 10));
        Assert.That(Enumerable.Range(1, 20).Sum(drain.DroppedBy), Is.EqualTo(20 - stored));
        Assert.That(drain.Versions, Is.EqualTo(new[] { 20 }));
    }

    [Test]
    public async Task Predict_TextsThatAreTooLong_AreDroppedAndCountedAndLoggedOnce()
    {
        using var folder = new TempFolder();
        var logged = new System.Collections.Concurrent.ConcurrentQueue<int>();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.LoggerFactory = new LogWatcher(id => logged.Enqueue(id.Id)));
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        for (var i = 0; i < 3; i++) endpoint.Predict(new(30, 40, new string('x', PredictionRecorder.LongestText + 1), true));
        endpoint.Predict(new(30, 40, new string('x', PredictionRecorder.LongestText), true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;
        endpoint.Predict(new(30, 40, new string('x', PredictionRecorder.LongestText + 1), true));
        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();

        Assert.That(
            (report.Rows, report.Dropped, await workspace.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name)),
            Is.EqualTo((1, 3, 1)));
        Assert.That(logged.Count(id => id == 8064), Is.EqualTo(1));
    }

    // Rows of an Arrow dictionary refer to one text, so they cost little until each is stored with a copy.
    [Test]
    public async Task Record_RowsWithMuchText_AreBoundedInTheQueueAndInABatch()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = new FakeTimeProvider());
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        using var package = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var recorder = new PredictionRecorder("wordy", 1, package, TimeProvider.System);
        var inputs = package.Graph.Input.Select(field => ColumnBuilder.Create(field.Type, field.Length)).ToArray();
        foreach (var input in inputs)
        {
            if (input is TextColumnBuilder text) text.Append(new string('x', 60_000));
            else input.AppendNull();
        }

        for (var i = 0; i < 1_000; i++) recorder.Record(PredictionId.New(), inputs, 0, [0.5], 0, generation: 0);

        var kept = (16 << 20) / 60_000;
        Assert.That((recorder.Recorded, recorder.Dropped), Is.EqualTo((kept, 1_000 - kept)));
        var batches = new List<RecordedBatch>();
        while (recorder.TakeBatch() is { } batch) batches.Add(batch);
        Assert.That(batches.Sum(batch => batch.Encoded.Count), Is.EqualTo(kept));
        Assert.That(batches.Max(batch => batch.Encoded.Sum(row => row.Row.Length)), Is.LessThan(5 << 20));
        for (var i = 0; i < 1_000; i++) recorder.Record(PredictionId.New(), inputs, 0, [0.5], 0, generation: 0);
        Assert.That(recorder.Recorded, Is.EqualTo(2 * kept), "what is taken makes room");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Predict_SameIdAgainAndAgain_IsStoredAndJudgedOnce(bool byCount)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed()
            .Monitored(monitoring =>
            {
                monitoring.DataDrift().MinimumRows(2);
                if (byCount) monitoring.Window(MonitoringWindows.OfRows(3));
            })
            .Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var monitor = workspace.Monitor(SampleLifecycle.Name);

        for (var i = 0; i < 5; i++) endpoint.Predict(new(30, 40, "monthly", true), PredictionId.FromKey("once"));
        await monitor.FlushAsync();
        for (var i = 0; i < 5; i++) endpoint.Predict(new(30, 40, "monthly", true), PredictionId.FromKey("once"));
        if (byCount) Assert.That(await monitor.CheckAsync(), Is.Null);
        for (var i = 0; i < 2; i++) endpoint.Predict(new(30, 40, "monthly", true), PredictionId.FromKey($"also {i}"));

        Assert.That((await monitor.CheckAsync())!.Rows, Is.EqualTo(3));
        Assert.That(await workspace.MonitoringServices.Predictions.CountAsync(SampleLifecycle.Name), Is.EqualTo(3));
    }

    [Test]
    public async Task Predict_ManyThreads_RecordsEveryPredictionOrCountsItAsDropped()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var rows = Subscriber.Draw(1_000, 4).Select(UnlabelledSubscriber.Of).ToArray();

        await Parallel.ForAsync(0, 40, (_, _) =>
        {
            foreach (var row in rows) endpoint.Predict(row);
            return ValueTask.CompletedTask;
        });
        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That(report.Rows + report.Dropped, Is.EqualTo(40_000));
    }
}
