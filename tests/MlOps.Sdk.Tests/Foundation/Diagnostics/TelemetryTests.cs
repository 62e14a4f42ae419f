using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using MlOps.Sdk.Diagnostics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Diagnostics;

[TestFixture]
public sealed class TelemetryTests
{
    // Other tests run meanwhile: what this test calls, and that alone, is known by the flow of its execution.
    private static readonly AsyncLocal<ConcurrentQueue<string>?> Measured = new();

    [Test]
    public void Names_SourceAndMeter_AreTheLibrarys()
    {
        Assert.That(Telemetry.Source.Name, Is.EqualTo("MlOps.Sdk"));
        Assert.That(
            new Instrument[]
            {
                Telemetry.Runs, Telemetry.StageDuration, Telemetry.RecordsDropped, Telemetry.Predictions, Telemetry.DriftChecks
            }.Select(instrument => $"{instrument.Meter.Name} {instrument.Name} {instrument.Unit}"),
            Is.EqualTo(new[]
            {
                "MlOps.Sdk mlops.runs {run}",
                "MlOps.Sdk mlops.stage.duration s",
                "MlOps.Sdk mlops.monitoring.dropped {prediction}",
                "MlOps.Sdk mlops.predictions {prediction}",
                "MlOps.Sdk mlops.monitoring.checks {check}",
            }));
    }

    [Test]
    public async Task Run_TwoRuns_AreSpansOfTheirStages()
    {
        const string name = "telemetry-spans";
        var ended = new ConcurrentQueue<Activity>();
        using var listener = Listen(name, ended);
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = Collecting(name);

        var first = await lifecycle.RunAsync(workspace);
        await lifecycle.RunAsync(workspace);

        var spans = ended.ToArray();
        var half = spans.Length / 2;
        Assert.That(
            spans.Take(half).Select(span => span.DisplayName),
            Is.EqualTo(new[] { "stage Problem", "stage Collection", "stage Processing", $"run {name}" }));
        Assert.Multiple(() =>
        {
            Assert.That(
                spans.Take(half - 1).Select(span => (span.ParentId, span.GetTagItem("mlops.reused"))),
                Is.All.EqualTo((spans[half - 1].Id, (object)false)));
            Assert.That(spans.Take(half).Select(span => span.GetTagItem("mlops.run")), Is.All.EqualTo(first.Id));
            Assert.That(spans.Skip(half).SkipLast(1).Select(span => span.GetTagItem("mlops.reused")), Has.Some.EqualTo(true));
        });
    }

    [Test]
    public async Task Run_StageFails_ItsSpanSaysWhy()
    {
        const string name = "telemetry-failure";
        var ended = new ConcurrentQueue<Activity>();
        using var listener = Listen(name, ended);
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create(name)
            .DefineProblem(problem => problem.Regression("y"))
            .CollectData(data => data.FromCsv(folder["missing.csv"]))
            .Build();

        await Assert.ThatAsync(() => lifecycle.RunAsync(workspace), Throws.InstanceOf<MlOpsException>());

        var failed = ended.Single(span => span.DisplayName == "stage Collection");
        Assert.That((failed.Status, failed.StatusDescription), Is.EqualTo((ActivityStatusCode.Error, failed.StatusDescription)));
        Assert.That(failed.StatusDescription, Does.Contain("missing.csv"));
        Assert.That(ended.Single(span => span.DisplayName == "stage Problem").Status, Is.EqualTo(ActivityStatusCode.Unset));
    }

    [Test]
    public async Task Meter_RunsPredictionsAndChecks_AreCounted()
    {
        var measured = Measured.Value = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value >= 0 ? 0 : -1, tags));
        listener.Start();
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        for (var i = 0; i < 7; i++) endpoint.Predict(new UnlabelledSubscriber(30, 40, "monthly", true));
        endpoint.Predict(new UnlabelledSubscriber(30, 40, new string('x', (16 * 1024 * 1024) + 1), true));
        await workspace.Monitor(SampleLifecycle.Name).CheckAsync();

        Assert.Multiple(() =>
        {
            Assert.That(measured.Where(line => line.StartsWith("mlops.runs", StringComparison.Ordinal)), Is.EqualTo(new[]
            {
                "mlops.runs 1 state=Succeeded"
            }));
            Assert.That(
                measured.Where(line => line.StartsWith("mlops.stage.duration", StringComparison.Ordinal)),
                Is.EqualTo(Enum.GetValues<LifecycleStage>().Select(stage => $"mlops.stage.duration 0 stage={stage} reused=False")));
            Assert.That(
                measured.Where(line => line.StartsWith("mlops.predictions", StringComparison.Ordinal))
                    .Sum(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)),
                Is.EqualTo(7));
            Assert.That(measured, Has.One.EqualTo("mlops.monitoring.dropped 1"));
            Assert.That(measured, Has.One.EqualTo("mlops.monitoring.checks 1 changed=False"));
        });

        static void Keep(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Measured.Value is not { } measured) return;
            var text = $"{instrument.Name} {value}";
            foreach (var (name, tag) in tags) text += $" {name}={tag}";
            measured.Enqueue(text);
        }
    }

    private static Lifecycle Collecting(string name) => LifecycleBuilder.Create(name)
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(200, seed: 1)))
        .ProcessData(data => data.Split(0.2))
        .Build();

    // Other tests run lifecycles at the same time.
    private static ActivityListener Listen(string lifecycle, ConcurrentQueue<Activity> ended)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("mlops.lifecycle"), lifecycle)) ended.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
