using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class MonitoringBuilderTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly MonitoringBuilder _builder = new();
    private readonly List<string> _mistakes = [];

    [TestCase("material", 0)]
    [TestCase("material", 1)]
    [TestCase("atMost", 2)]
    [TestCase("atMostWorse", 3)]
    [TestCase("atMostWorse", 4)]
    [TestCase("atMostLess", 5)]
    [TestCase("atMost", 6)]
    [TestCase("atMost", 7)]
    [TestCase("atMostTimes", 8)]
    [TestCase("level", 9)]
    public void Monitor_LimitOutOfRange_NamesTheParameterOfTheMethod(string parameter, int of) =>
        Assert.That(
            () => LifecycleBuilder.Create("m").MonitorModel(monitoring => _ = of switch
            {
                0 => monitoring.DataDrift(-1),
                1 => monitoring.PredictionDrift(-1),
                2 => monitoring.Bias("female", -1),
                3 => monitoring.Performance(Metric.RocAuc, atMostWorse: -1),
                4 => monitoring.Performance(Metric.RocAuc, atMostWorse: double.NaN, by: "female"),
                5 => monitoring.Value("profit", (_, _) => 0, atMostLess: -1),
                6 => monitoring.Latency(0.9, TimeSpan.Zero),
                7 => monitoring.Errors(-1),
                8 => monitoring.Volume(atMostTimes: 0),
                _ => monitoring.SignificanceLevel(2),
            }),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo(parameter));

    [Test]
    public void Value_WithAVersion_IsKnownByItAndNotByItsCode()
    {
        var captured = new List<double> { 80 };

        var (one, other) = (Fingerprint("1", (_, _) => 1), Fingerprint("1", (_, _) => captured[0]));

        Assert.Multiple(() =>
        {
            Assert.That(other.Compute(), Is.EqualTo(one.Compute()), "as after a build");
            Assert.That(other.Opaque, Is.Null, "nor is what it captures looked at");
            Assert.That(Fingerprint("2", (_, _) => 1).Compute(), Is.Not.EqualTo(one.Compute()));
            Assert.That(Fingerprint(null, (_, _) => 1).Compute(), Is.Not.EqualTo(Fingerprint(null, (_, _) => 2).Compute()));
            Assert.That(Fingerprint(null, (_, _) => captured[0]).Opaque, Is.Not.Null);
        });

        static FingerprintBuilder Fingerprint(string? version, Func<string, string, double> value) =>
            new FingerprintBuilder().AddObject("metric", DecisionValue.Of("profit", value, version));
    }

    [Test]
    public void AlertByWebhook_Uri_IsHeldToTheSameRules() => Assert.Multiple(() =>
    {
        LifecycleBuilder.Create("m").MonitorModel(monitoring => monitoring.AlertByWebhook(new Uri("https://example.org/a%20b?c=1")));
        Assert.That(
            () => LifecycleBuilder.Create("n").MonitorModel(monitoring => monitoring.AlertByWebhook(new Uri("http://example.org"))),
            Throws.ArgumentException.With.Message.Contains("use https"));
        Assert.That(
            () => LifecycleBuilder.Create("o").MonitorModel(monitoring => monitoring.AlertByWebhook(new Uri("/a", UriKind.Relative))),
            Throws.ArgumentException.With.Message.Contains("absolute"));
    });

    [Test]
    public void Build_Nothing_IsAMistakeThatNamesTheVerbs()
    {
        _builder.MinimumRows(10).Build(_mistakes);

        Assert.That(_mistakes, Has.One.Contains("DataDrift(), PredictionDrift(), Bias(…), Performance(…) or Watch(…)"));
    }

    [TestCase(Signal.DataDrift, "Call DataDrift().")]
    [TestCase(Signal.PredictionDrift, "Call PredictionDrift().")]
    [TestCase(Signal.Bias, "Call Bias(…).")]
    [TestCase(Signal.Custom, "Call Watch(…)")]
    [TestCase(Signal.Performance, "Call Performance(…).")]
    [TestCase(Signal.Value, "Call Value(…).")]
    [TestCase(Signal.Latency, "Call Latency(…).")]
    [TestCase(Signal.Errors, "Call Errors(…).")]
    [TestCase(Signal.Volume, "Call Volume(…).")]
    [TestCase(Signal.Release, "Retrain on what the rollout found")]
    public void Build_RetrainOnASignalThatNoMonitorGives_IsAMistakeThatNamesTheMonitor(Signal signal, string remedy)
    {
        if (signal != Signal.DataDrift) _builder.DataDrift();
        if (signal != Signal.PredictionDrift) _builder.PredictionDrift();
        if (signal != Signal.Bias) _builder.Bias("gender");

        _builder.RetrainOn(signal, RetrainingData.Original).Build(_mistakes);

        Assert.That(_mistakes, Has.Exactly(1).Contains($"Signal.{signal}").And.Exactly(1).Contains(remedy));
    }

    [Test]
    public void Build_RetrainOnAnySignalWithAMonitorOfOnesOwn_IsFineButForRollbacksAndApprovals()
    {
        _builder.Watch(new OwnMonitor());
        foreach (var signal in Enum.GetValues<Signal>()) _builder.RetrainOn(signal, RetrainingData.Original);

        _builder.Build(_mistakes);

        Assert.That(_mistakes, Has.Count.EqualTo(2).And.One.Contains("Signal.Release").And.One.Contains("Signal.Approval"));
    }

    [Test]
    public void Build_RetrainOnWhatABuiltInMonitorMeasures_IsFine()
    {
        _builder.Performance(Metric.Recall, atMostWorse: 0.05)
            .Performance(Metric.Recall, atMostWorse: 0.1, by: "gender")
            .Value("profit", (_, _) => 1, atMostLess: 1)
            .Latency(0.95, TimeSpan.FromMilliseconds(20)).Errors().Volume();
        foreach (var signal in new[] { Signal.Performance, Signal.Value, Signal.Latency, Signal.Errors, Signal.Volume })
        {
            _builder.RetrainOn(signal, RetrainingData.Original);
        }

        var plan = _builder.Build(_mistakes);

        Assert.That(_mistakes, Is.Empty);
        Assert.That(plan.Metrics.Select(metric => metric.Name), Is.EqualTo(new[] { "recall", "value(profit)" }));
        Assert.That(plan.Attributes, Is.EqualTo(new[] { "gender" }));
    }

    [Test]
    public void Build_PerformanceThatCannotBeMeasured_ListsEveryMistake()
    {
        _builder.TrainedElsewhere("score").Performance(Metric.Rmse, atMostWorse: 1).Performance(Metric.Rmse, atMostWorse: 2);

        _builder.Build(new BuildContext { Task = TaskKind.BinaryClassification, Mistakes = _mistakes });

        Assert.That(_mistakes, Has.Exactly(1).Contains("are not recorded by id").And.Exactly(1).Contains("'rmse'")
            .And.Exactly(1).Contains("'performance by rmse' twice"));
    }

    [Test]
    public void Add_MonitorsOfRecordsOutOfRange_AreRejectedAtOnce()
    {
        Assert.That(() => _builder.Performance(Metric.Recall, 0), OutOfRange("atMostWorse"));
        Assert.That(() => _builder.Performance(Metric.Recall, 0.1, over: TimeSpan.Zero), OutOfRange("over"));
        Assert.That(() => _builder.Performance(Metric.Recall, 0.1, minimumLabels: 1), OutOfRange("minimumLabels"));
        Assert.That(() => _builder.Value("profit", (_, _) => 1, double.NaN), OutOfRange("atMostLess"));
        Assert.That(() => _builder.Latency(1, TimeSpan.FromSeconds(1)), OutOfRange("quantile"));
        Assert.That(() => _builder.Latency(0.9, TimeSpan.Zero), OutOfRange("atMost"));
        Assert.That(() => _builder.Errors(0), OutOfRange("atMost"));
        Assert.That(() => _builder.Volume(atMostTimes: 1), OutOfRange("atMostTimes"));
        Assert.That(() => _builder.Volume(TimeSpan.FromDays(2), TimeSpan.FromDays(1)), OutOfRange("back"));
        Assert.That(() => _builder.Volume(TimeSpan.FromDays(20), TimeSpan.FromDays(20)), OutOfRange("back"));
    }

    [Test]
    public void Build_WindowsThatAreNeverJudged_IsAMistakeWithTheRemedy()
    {
        _builder.DataDrift().MinimumRows(300).Window(MonitoringWindows.OfRows(299)).Build(_mistakes);

        Assert.That(_mistakes.Single(), Does.Contain("Windows of 299 predictions are never judged").And.Contain("OfRows(300)"));
    }

    [Test]
    public void Build_WindowsOfAnUnknownZone_IsAMistakeThatNamesTheNearest()
    {
        _builder.DataDrift().Window(MonitoringWindows.Calendar(CalendarPeriod.Day, "Europe/Berln")).Build(_mistakes);

        Assert.That(_mistakes.Single(), Does.Contain("'Europe/Berln'").And.Contain("Did you mean 'Europe/Berlin'?"));
    }

    [TestCaseSource(nameof(Windows))]
    public void Parse_TextOfWindows_GivesTheSame(MonitoringWindows windows)
    {
        var parsed = MonitoringWindows.Parse(windows.Text)!;

        Assert.That((parsed.Text, parsed.ToString()), Is.EqualTo((windows.Text, windows.ToString())));
        Assert.That(
            (parsed.Kind, parsed.Rows, parsed.Period, parsed.TimeZone, parsed.Column, parsed.Lateness),
            Is.EqualTo((windows.Kind, windows.Rows, windows.Period, windows.TimeZone, windows.Column, windows.Lateness)));
    }

    [TestCase("")]
    [TestCase("Moon")]
    [TestCase("Count|")]
    [TestCase("Count|1")]
    [TestCase("Calendar|Day|Middle-earth/Shire")]
    [TestCase("EventTime|Day|UTC|9999999999999999999|at")]
    [TestCase("EventTime|Fortnight|UTC|0|at")]
    public void Parse_TextOfALaterLibraryOrDamaged_GivesNothing(string text) => Assert.That(MonitoringWindows.Parse(text), Is.Null);

    private static MonitoringWindows[] Windows =>
    [
        MonitoringWindows.SinceLastCheck,
        MonitoringWindows.OfRows(12_345),
        MonitoringWindows.Calendar(CalendarPeriod.Week, "America/New_York"),
        MonitoringWindows.ByEventTime("bought|at", CalendarPeriod.Hour, TimeSpan.FromMinutes(90)),
    ];

    [Test]
    public void Build_SchedulesWithMistakes_ListsThemAll()
    {
        _builder.DataDrift()
            .RetrainAt("0 3 * * *", RetrainingData.Original)
            .RetrainAt("0  3 * * * ", RetrainingData.Feedback)
            .RetrainAt("every day", RetrainingData.Original)
            .RetrainAt("0 3 * * *", RetrainingData.Original, timeZone: "Middle-earth/Shire")
            .Build(_mistakes);

        Assert.That(
            _mistakes,
            Has.Exactly(3).Items.And.One.Contains("twice for the time zone UTC").And.One.Contains("\"every day\", …) is no cron expression")
                .And.One.Contains("'Middle-earth/Shire', which this machine does not know"));
    }

    [Test]
    public void Build_ScheduleAlone_NeedsNoMonitor()
    {
        var plan = _builder.RetrainAt("@daily", RetrainingData.Original, missed: MissedRuns.Skip, searchAgain: true).Build(_mistakes);

        Assert.That(_mistakes, Is.Empty);
        var schedule = plan.Schedules.Single();
        Assert.That(
            (schedule.Expression, schedule.TimeZone, schedule.Missed, schedule.Rule.SearchAgain),
            Is.EqualTo(("@daily", "UTC", MissedRuns.Skip, true)));
    }

    [Test]
    public void Build_OneMonitor_LeavesTheRestAtItsDefaults()
    {
        var plan = _builder.DataDrift().Build(_mistakes);

        Assert.That(_mistakes, Is.Empty);
        Assert.That(
            (plan.MinimumRows, plan.SignificanceLevel, plan.Correction, plan.AlertCooldown),
            Is.EqualTo((200, 0.05, Correction.BenjaminiHochberg, TimeSpan.FromHours(1))));
        Assert.That(plan.Sinks, Is.Empty);
        Assert.That(plan.Retraining, Is.Empty);
        Assert.That(plan.Elsewhere, Is.Null);
    }

    [Test]
    public void Build_Everything_IsInThePlan()
    {
        var sink = new CollectingAlertSink();
        var own = new BiasMonitor("region", 0.3, 10);
        var plan = _builder
            .DataDrift()
            .PredictionDrift(material: 0.25)
            .Bias("gender")
            .Bias("gender", atMost: 0.1)
            .Watch(own)
            .Alert(sink)
            .AlertCooldown(Day)
            .TrainedElsewhere("score", threshold: 0.7)
            .MinimumRows(50)
            .SignificanceLevel(0.01, Correction.Holm)
            .Build(_mistakes);

        Assert.That(_mistakes, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(
                plan.Monitors.Select(create => create(PluginServices.None).Name),
                Is.EqualTo(new[] { "data drift", "prediction drift", "bias by gender", "bias by gender", "bias by region" }));
            Assert.That(plan.Attributes, Is.EqualTo(new[] { "gender", "region" }), "once each");
            Assert.That(plan.Sinks.Single()(PluginServices.None), Is.SameAs(sink));
            Assert.That(plan.AlertCooldown, Is.EqualTo(Day));
            Assert.That(plan.Elsewhere, Is.EqualTo(new ModelElsewhere("score", 0.7)));
            Assert.That((plan.MinimumRows, plan.SignificanceLevel, plan.Correction), Is.EqualTo((50, 0.01, Correction.Holm)));
        });
    }

    [Test]
    public void RetrainOn_SeveralSignals_AreARuleEach()
    {
        var rules = _builder
            .DataDrift()
            .RetrainOn(Signal.DataDrift, RetrainingData.Original, Day, minimumFeedback: 10)
            .RetrainOn(Signal.Bias, RetrainingData.Feedback, TimeSpan.FromHours(1), searchAgain: true, minimumFeedback: 70)
            .Build(_mistakes).Retraining;

        Assert.That(rules, Is.EqualTo(new RetrainingRule[]
        {
            new(Signal.DataDrift, RetrainingData.Original, Day, false, 10),
            new(Signal.Bias, RetrainingData.Feedback, TimeSpan.FromHours(1), true, 70),
        }));
    }

    [Test]
    public void RetrainOn_NoCooldown_IsADay() => Assert.That(
        _builder.DataDrift().RetrainOn(Signal.DataDrift, RetrainingData.Original).Build(_mistakes).Retraining.Single().Cooldown,
        Is.EqualTo(Day));

    [Test]
    public void RetrainOn_OneSignalTwice_IsAMistake()
    {
        _builder.DataDrift().RetrainOn(Signal.DataDrift, RetrainingData.Original).RetrainOn(Signal.DataDrift, RetrainingData.Feedback)
            .Build(_mistakes);

        Assert.That(_mistakes.Single(), Does.Contain("two RetrainOn rules").And.Contain("DataDrift").And.Contain("Keep one"));
    }

    [Test]
    public void Types_MonitorAndSink_AreResolvedForEachCheck()
    {
        var (monitor, sink) = (new BiasMonitor("region", 0.3, 10), new CollectingAlertSink());
        using var services = new ServiceCollection().AddSingleton(monitor).AddSingleton(sink).BuildServiceProvider();
        var plan = _builder.Watch<BiasMonitor>().Alert<CollectingAlertSink>().Build(_mistakes);

        Assert.Multiple(() =>
        {
            Assert.That(plan.Monitors.Single()(services), Is.SameAs(monitor));
            Assert.That(plan.Sinks.Single()(services), Is.SameAs(sink));
            Assert.That(() => plan.Monitors[0](PluginServices.None), Lacks(nameof(BiasMonitor)));
            Assert.That(() => plan.Sinks[0](PluginServices.None), Lacks(nameof(CollectingAlertSink)));
        });
    }

    [Test]
    public void Verbs_NullOrEmpty_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.Watch(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Alert(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Bias(" "), Throws.ArgumentException);
        Assert.That(() => _builder.TrainedElsewhere(""), Throws.ArgumentException);
        Assert.That(() => _builder.RetrainOn(Signal.Bias, null!, Day), Throws.ArgumentNullException);
    });

    [Test]
    public void Verbs_OutOfRange_NameTheParameter() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.AlertCooldown(-Day), OutOfRange("cooldown"));
        Assert.That(() => _builder.MinimumRows(1), OutOfRange("rows"));
        Assert.That(() => _builder.SignificanceLevel(0), OutOfRange("level"));
        Assert.That(() => _builder.SignificanceLevel(1), OutOfRange("level"));
        Assert.That(() => _builder.SignificanceLevel(double.NaN), OutOfRange("level"));
        Assert.That(() => _builder.TrainedElsewhere("score", double.NaN), OutOfRange("threshold"));
        Assert.That(() => _builder.Bias("gender", minimumGroupRows: 0), OutOfRange("minimumGroupRows"));
        Assert.That(() => _builder.RetrainOn((Signal)99, RetrainingData.Feedback, Day), OutOfRange("signal"));
        Assert.That(() => _builder.RetrainOn(Signal.Bias, RetrainingData.Feedback, TimeSpan.FromTicks(-1)), OutOfRange("cooldown"));
        Assert.That(
            () => _builder.RetrainOn(Signal.Bias, RetrainingData.Feedback, TimeSpan.Zero, minimumFeedback: 0),
            OutOfRange("minimumFeedback"));
    });

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Threshold_NoNumberAboveZero_IsRefused(double material) => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.DataDrift(material), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _builder.PredictionDrift(material), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _builder.Bias("gender", material), Throws.TypeOf<ArgumentOutOfRangeException>());
    });

    private static NUnit.Framework.Constraints.Constraint Lacks(string type) =>
        Throws.TypeOf<MlOpsException>().With.Message.Contains(type);

    private static NUnit.Framework.Constraints.Constraint OutOfRange(string parameter) =>
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo(parameter);

    private sealed class OwnMonitor : IDriftMonitor
    {
        public string Name => "own";

        public MonitorNeeds Needs => MonitorNeeds.Inputs;

        public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
            MonitoringWindow window, CancellationToken cancellationToken = default) => ValueTask.FromResult<IReadOnlyList<Measurement>>([]);
    }
}
