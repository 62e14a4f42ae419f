using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>Checks of a model elsewhere, one after the other, on a clock of the test.</summary>
[TestFixture]
public sealed class CheckTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<Alert> _alerts = [];
    private readonly List<string> _logged = [];
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;
    private int _drawn;

    [SetUp]
    public async Task OpenAsync()
    {
        (_drawn, _folder) = (0, new TempFolder());
        _alerts.Clear();
        _logged.Clear();
        await ReopenAsync();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Check_AnotherColumnOrSignalDuringAnEpisode_IsAlertedAndTheSameIsNot()
    {
        await WatchAsync();

        await CheckAsync(a: 1);
        await CheckAsync(a: 1);
        Assert.That(Alerts(), Is.EqualTo(new[] { "a" }));
        await CheckAsync(a: 1, b: 1);
        await CheckAsync(a: 1, b: 1);
        Assert.That(Alerts(), Is.EqualTo(new[] { "a", "b, a" }), "the new one is named first");
        await CheckAsync(a: 1, b: 1, bias: 0.4);
        await CheckAsync(a: 1, b: 1, bias: 0.4);
        Assert.That(_alerts, Has.Count.EqualTo(3));
        Assert.That(_alerts[2].Signals, Is.EquivalentTo(new[] { Signal.DataDrift, Signal.Bias }));
        var stored = await _workspace.MonitoringServices.Reports.AlertsAsync("elsewhere");
        Assert.That(stored.Select(alert => alert.Message), Is.EquivalentTo(_alerts.Select(alert => alert.Message)));
        Assert.That(_logged.Count(line => line.StartsWith("9001", StringComparison.Ordinal)), Is.EqualTo(3));
        Assert.That(_logged.Count(line => line.StartsWith("9006", StringComparison.Ordinal)), Is.EqualTo(3), "every change is logged");
    }

    [Test]
    public async Task Check_StandingBias_HidesNoDriftAndIsNotRepeatedByIt()
    {
        await WatchAsync();

        await CheckAsync(bias: 0.4);
        await CheckAsync(bias: 0.4, a: 1);
        await CheckAsync(bias: 0.4);
        Assert.That(_alerts, Has.Count.EqualTo(2));
        await CheckAsync(bias: 0.4, a: 1);

        Assert.That(_alerts, Has.Count.EqualTo(3), "a was stable in between: its next change is another episode");
    }

    [Test]
    public async Task Check_LongEpisodeInAnotherProcess_IsAlertedAgainAfterTheCooldown()
    {
        await WatchAsync();
        for (var check = 0; check < 15; check++) await CheckAsync(a: 1);
        await ReopenAsync();
        await WatchAsync();
        await CheckAsync(a: 1);
        Assert.That(_alerts, Has.Count.EqualTo(1));

        _time.Advance(TimeSpan.FromHours(1));
        await CheckAsync(a: 1);

        Assert.That(_alerts, Has.Count.EqualTo(2));
    }

    [TestCase(1, 24 * 60)]
    [TestCase(24, 90)]
    [TestCase(24 * 7, 26)]
    public async Task Check_ManyChecks_SpendTheBudgetOfTheMonthAlsoAfterARestart(int hours, int checks)
    {
        const double budget = 0.2;
        var (levels, last) = (new List<double>(), (MonitoringReport?)null);
        for (var check = 0; check < checks; check++)
        {
            var (level, left) = AlarmBudget.Spend(budget, 0.05, last, _time.GetUtcNow());
            levels.Add(level);
            last = new MonitoringReport
            {
                Model = "m", Version = 1, At = _time.GetUtcNow(), Rows = 1, Dropped = 0, Findings = [], AlarmBudgetLeft = left,
            };
            _time.Advance(TimeSpan.FromHours(hours));
        }

        var months = hours * checks / (24 * 30.0);
        Assert.That(levels.Sum(), Is.LessThanOrEqualTo(budget * (months + 0.5)).And.GreaterThan(budget * months * 0.75));
        Assert.That(levels, Is.All.LessThanOrEqualTo(0.05));

        await WatchAsync(monitoring => monitoring.AlarmBudget(budget));
        var first = await CheckAsync();
        await ReopenAsync();
        await WatchAsync(monitoring => monitoring.AlarmBudget(budget));
        var second = await CheckAsync();
        Assert.That((first.SignificanceLevel, first.AlarmBudgetLeft), Is.EqualTo((0.01, 0.09)).Within(1e-12));
        Assert.That(second.SignificanceLevel, Is.EqualTo(0.009).Within(1e-12));
    }

    [Test]
    public async Task Check_ClockSetBack_RefillsTheBudgetOfTheNextMonth()
    {
        await WatchAsync();
        _time.Advance(TimeSpan.FromDays(1_000));
        var before = await CheckAsync();
        _time.AdjustTime(_time.GetUtcNow().AddDays(-1_000));

        var after = await CheckAsync();
        _time.Advance(TimeSpan.FromDays(30));
        var later = await CheckAsync();

        Assert.That(
            new[] { before.SignificanceLevel, after.SignificanceLevel, later.SignificanceLevel },
            Is.EqualTo(new[] { 0.05, 0.045, 0.05 }).Within(1e-12));
    }

    [Test]
    public async Task Check_SmallLevel_TakesASmallChangeForNoneAndFindsALargeOne()
    {
        await WatchAsync(monitoring => monitoring.AlarmBudget(1e-4));

        var small = await CheckAsync(a: 0.3, rows: 250);
        var large = await CheckAsync(a: 1);

        Assert.That((small.HasChanged, large.HasChanged), Is.EqualTo((false, true)));
        var finding = small.Findings.Single(finding => finding.Measurement is { Subject: "a", Signal: Signal.DataDrift });
        Assert.That(finding.AdjustedPValue, Is.LessThan(0.05).And.GreaterThan(small.SignificanceLevel));
    }

    [Test]
    public async Task Run_TrainingRows_AreReplayedAndRowsInTheOrderOfAColumnAlarm()
    {
        var same = (await WatchAsync()).Monitoring!.Replay!;
        var quiet = _logged.Count(line => line.StartsWith("9007", StringComparison.Ordinal));
        var sorted = (await WatchAsync(isSorted: true)).Monitoring!.Replay!;

        Assert.Multiple(() =>
        {
            Assert.That((same.Windows, same.Rows), Is.EqualTo((21, 234)));
            Assert.That(same.Alarms, Is.LessThan(3));
            Assert.That(sorted.Alarms, Is.EqualTo(21));
            Assert.That(sorted.Subjects[0], Is.EqualTo("c"));
            Assert.That(quiet, Is.Zero);
            Assert.That(_logged, Has.Some.Contains("21 windows of its own training rows, because of c"));
        });
    }

    [TestCase(true, TestName = "Check_MonitorThatNeverEnds_IsLeftBehind(asynchronous)")]
    [TestCase(false, TestName = "Check_MonitorThatNeverEnds_IsLeftBehind(blocking)")]
    public async Task Check_MonitorThatNeverEnds_IsLeftBehind(bool isAsynchronous)
    {
        using var goOn = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        await WatchAsync(monitoring => monitoring.Watch(new Measuring(async () =>
        {
            await cancel.CancelAsync();
            if (isAsynchronous) await new TaskCompletionSource().Task;
            goOn.Wait();
            return [];
        })));
        await _workspace.Monitor("elsewhere").RecordAsync(await DataSources.Objects(Draw(500, 0, 0, 0, 1)).ReadAllAsync());

        var check = _workspace.Monitor("elsewhere").CheckAsync(cancel.Token);

        Assert.That(async () => await check.WaitAsync(TimeSpan.FromMinutes(1)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_logged, Has.Some.Contains("monitor 'mine'").And.Some.Contains("left behind"));
        await _workspace.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        goOn.Set();
    }

    [Test]
    public async Task Dispose_SinkNeverEnds_EndsWithoutIt()
    {
        var begun = new TaskCompletionSource();
        await WatchAsync(monitoring => monitoring.Alert(new Sending(() =>
        {
            begun.SetResult();
            return new ValueTask(new TaskCompletionSource().Task);
        })));
        await _workspace.Monitor("elsewhere").RecordAsync(await DataSources.Objects(Draw(500, 1, 0, 0, 1)).ReadAllAsync());
        var check = _workspace.Monitor("elsewhere").CheckAsync();
        await begun.Task;

        await _workspace.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(async () => await check.WaitAsync(TimeSpan.FromMinutes(1)), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(_logged, Has.Some.Contains("alert sink Sending").And.Some.Contains("left behind"));
    }

    [Test]
    public async Task Check_SinkNeverEnds_IsLeftBehindAndTheNextIsGivenTheAlert()
    {
        var begun = new TaskCompletionSource();
        await WatchAsync(monitoring => monitoring.Alert(new Sending(() =>
        {
            begun.SetResult();
            return new ValueTask(new TaskCompletionSource().Task);
        })).Alert(new Sending(() =>
        {
            lock (_logged) _logged.Add("the second sink has it");
            return ValueTask.CompletedTask;
        })));
        await _workspace.Monitor("elsewhere").RecordAsync(await DataSources.Objects(Draw(500, 1, 0, 0, 1)).ReadAllAsync());
        var check = _workspace.Monitor("elsewhere").CheckAsync();
        await begun.Task;

        _time.Advance(AlertSender.Limit);
        var report = await check.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(report!.AlertFailure, Is.EqualTo("Sending: it did not end within 2 minutes"));
        Assert.That(_logged, Has.Some.EqualTo("the second sink has it"));
    }

    [TestCase(double.NaN, 5.0, "Its p-value is undefined.")]
    [TestCase(0.0001, double.NaN, "Its effect is undefined.")]
    [TestCase(null, double.NaN, "Its effect is undefined.")]
    public async Task Check_MeasurementThatCannotBeJudged_IsNoEvidence(double? pValue, double effect, string why)
    {
        await WatchAsync(monitoring => monitoring.Watch(new Measuring(
            () => Task.FromResult<IReadOnlyList<Measurement>>([Of(pValue, effect)]))));

        var finding = (await CheckAsync()).Findings.Single(finding => finding.Measurement.Subject == "mine");

        Assert.That((finding.Verdict, finding.Measurement.NotMeasured), Is.EqualTo((MonitoringVerdict.NotEnoughData, why)));
    }

    [TestCase(2.0)]
    [TestCase(-0.1)]
    [TestCase(null)]
    public async Task Check_MeasurementThatIsWrong_IsAFailureOfItsMonitorAlone(double? pValue)
    {
        Measurement wrong = pValue is null ? null! : Of(pValue, 1);
        await WatchAsync(monitoring => monitoring.Watch(new Measuring(() => Task.FromResult<IReadOnlyList<Measurement>>([wrong]))));

        var report = await CheckAsync();

        Assert.That(report.Failures.Select(failure => failure.Monitor), Is.EqualTo(new[] { "mine" }));
        Assert.That(report.Failures[0].Message, Does.Contain("Return"));
        Assert.That(report.Findings.Select(finding => finding.Measurement.Subject), Does.Contain("a"));
    }

    private static Measurement Of(double? pValue, double effect) => new()
    {
        Signal = Signal.DataDrift, Subject = "mine", Statistic = "x", Value = 1, PValue = pValue,
        Effect = "y", EffectSize = effect, Material = 0.1,
    };

    private string[] Alerts() =>
        [.. _alerts.Select(alert => string.Join(", ", new[] { "a", "b" }
            .Where(column => alert.Message.Contains($" {column} (", StringComparison.Ordinal))
            .OrderBy(column => alert.Message.IndexOf($" {column} (", StringComparison.Ordinal))))];

    private async Task<LifecycleRun> WatchAsync(Action<MonitoringBuilder>? configure = null, bool isSorted = false) =>
        await LifecycleBuilder.Create("elsewhere")
            .DefineProblem(problem => problem.BinaryClassification("y", "Yes").Protect("group"))
            .CollectData(data => data.FromObjects(Draw(5_000, 0, 0, 0, 1, isSorted)))
            .MonitorModel(monitoring =>
            {
                monitoring.TrainedElsewhere(score: "score").DataDrift().Bias("group").Alert(new Sink(_alerts));
                configure?.Invoke(monitoring);
            })
            .Build()
            .RunAsync(_workspace);

    private async Task<MonitoringReport> CheckAsync(double a = 0, double b = 0, double bias = 0, int rows = 500)
    {
        var monitor = _workspace.Monitor("elsewhere");
        await monitor.RecordAsync(await DataSources.Objects(Draw(rows, a, b, bias, 100 + _drawn++)).ReadAllAsync());
        return (await monitor.CheckAsync())!;
    }

    private async Task ReopenAsync()
    {
        if (_workspace is not null) await _workspace.DisposeAsync();
        _workspace = await Workspace.OpenAsync(_folder.Path, options =>
        {
            options.Time = _time;
            options.LoggerFactory = new Lines(_logged);
        });
    }

    private static Row[] Draw(int rows, double a, double b, double bias, int seed, bool isSorted = false)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return
        [
            .. Enumerable.Range(0, rows).Select(i => new Row(
                Normal() + a,
                Normal() + b,
                isSorted ? i : Normal(),
                i % 2 == 0 ? "f" : "m",
                random.NextDouble() < (i % 2 == 0 ? 0.5 : 0.5 + bias) ? 0.9 : 0.1,
                i % 3 == 0 ? "Yes" : "No")),
        ];
    }

    private sealed record Row(double A, double B, double C, string Group, double Score, string Y);

    private sealed class Sink(List<Alert> alerts) : IAlertSink
    {
        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            alerts.Add(alert);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Sending(Func<ValueTask> send) : IAlertSink
    {
        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default) => send();
    }

    private sealed class Measuring(Func<Task<IReadOnlyList<Measurement>>> measure) : IDriftMonitor
    {
        public string Name => "mine";

        public MonitorNeeds Needs => MonitorNeeds.None;

        public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
            MonitoringWindow window, CancellationToken cancellationToken = default) => await measure();
    }

    private sealed class Lines(List<string> lines) : ILogger, ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines) lines.Add($"{eventId.Id} {formatter(state, exception)}");
        }
    }
}
