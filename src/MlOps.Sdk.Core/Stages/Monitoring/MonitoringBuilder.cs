using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Stage 9: what is watched while a model is live. Built-in monitors are extension methods in <c>MlOps.Sdk</c>. Not thread-safe.
/// </summary>
public sealed class MonitoringBuilder
{
    /// <summary>How many labels must have arrived before feedback is learned from, by default.</summary>
    internal const int DefaultFeedback = 50;

    private static readonly TimeSpan DefaultCooldown = TimeSpan.FromDays(1);

    private readonly BuilderSeal _seal = new("MonitorModel");
    private readonly List<Func<IServiceProvider, IDriftMonitor>> _monitors = [];
    private readonly List<Func<IServiceProvider, IAlertSink>> _sinks = [];
    private readonly List<RetrainingRule> _retraining = [];
    private readonly List<SchedulePlan> _schedules = [];
    private readonly List<string> _attributes = [];
    private readonly HashSet<Signal> _signals = [];
    private readonly List<ISignalling> _recorded = [];
    private bool _hasOwnMonitors;
    private bool _watchesRecords;
    private int _minimumRows = 200;
    private double _significanceLevel = 0.05;
    private double _alarmBudget = 1;
    private Correction _correction = Correction.BenjaminiHochberg;
    private ModelElsewhere? _elsewhere;
    private MonitoringWindows _windows = MonitoringWindows.SinceLastCheck;
    private TimeSpan _alertCooldown = TimeSpan.FromHours(1);

    internal MonitoringBuilder()
    {
    }

    /// <summary>Watches with a monitor.</summary>
    /// <param name="monitor">The monitor.</param>
    public MonitoringBuilder Watch(IDriftMonitor monitor)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(monitor);
        _monitors.Add(_ => monitor);
        switch (monitor)
        {
            case BiasMonitor bias:
                _attributes.Add(bias.Attribute);
                _signals.Add(Signal.Bias);
                break;
            case DistributionMonitor distribution:
                _signals.Add(distribution.Signal);
                break;
            case ISignalling built:
                _signals.Add(built.Signal);
                _recorded.Add(built);
                break;
            default:
                _hasOwnMonitors = true;
                _watchesRecords |= (monitor.Needs & (MonitorNeeds.Labels | MonitorNeeds.Calls)) != 0;
                break;
        }
        return this;
    }

    /// <summary>Watches with a monitor from the service container.</summary>
    /// <typeparam name="TMonitor">The type to resolve.</typeparam>
    public MonitoringBuilder Watch<TMonitor>()
        where TMonitor : class, IDriftMonitor
    {
        _seal.CheckOpen();
        _monitors.Add(PluginServices.Require<TMonitor>);
        _hasOwnMonitors = true;
        return this;
    }

    /// <summary>Sends alerts somewhere; they are logged and stored in any case.</summary>
    /// <param name="sink">Where to.</param>
    public MonitoringBuilder Alert(IAlertSink sink)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(sink);
        _sinks.Add(_ => sink);
        return this;
    }

    /// <summary>Sends alerts through a sink from the service container.</summary>
    /// <typeparam name="TSink">The type to resolve.</typeparam>
    public MonitoringBuilder Alert<TSink>()
        where TSink : class, IAlertSink
    {
        _seal.CheckOpen();
        _sinks.Add(PluginServices.Require<TSink>);
        return this;
    }

    /// <summary>How long after an alert the next may be sent while nothing recovered. Default: one hour.</summary>
    /// <param name="cooldown">At least zero.</param>
    public MonitoringBuilder AlertCooldown(TimeSpan cooldown)
    {
        _seal.Once();
        ArgumentOutOfRangeException.ThrowIfLessThan(cooldown, TimeSpan.Zero);
        _alertCooldown = cooldown;
        return this;
    }

    /// <summary>
    /// Asks for a retraining when a signal changes. The lifecycle answers: it trains a challenger, compares it with the live version on
    /// rows that neither was trained on, and promotes it only when it is better. Each signal has one rule; where several change in one
    /// check, the first rule asks.
    /// </summary>
    /// <param name="signal">The signal.</param>
    /// <param name="data">The rows to learn from.</param>
    /// <param name="cooldown">How long after one retraining the next may be requested, at least zero. Default: one day.</param>
    /// <param name="searchAgain">Whether to search hyperparameters again. Default: the winner's are reused.</param>
    /// <param name="minimumFeedback">
    /// How many labels must have arrived before feedback is learned from; until then the retraining stays
    /// requested. At least 1. Default: 50.
    /// </param>
    public MonitoringBuilder RetrainOn(
        Signal signal, RetrainingData data, TimeSpan? cooldown = null, bool searchAgain = false, int minimumFeedback = DefaultFeedback)
    {
        _seal.CheckOpen();
        var pause = cooldown ?? DefaultCooldown;
        if (!Enum.IsDefined(signal))
        {
            throw new ArgumentOutOfRangeException(nameof(signal), signal, "The signal is not defined.");
        }
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(pause, TimeSpan.Zero, nameof(cooldown));
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumFeedback, 1);
        if (_retraining.Any(rule => rule.Signal == signal))
        {
            _seal.Add($"MonitorModel has two RetrainOn rules for {signal}.", $"Keep one RetrainOn(Signal.{signal}, …).");
        }
        _retraining.Add(new RetrainingRule(signal, data, pause, searchAgain, minimumFeedback));
        return this;
    }

    /// <summary>
    /// Asks for a retraining by the clock. The lifecycle answers as it does for <see cref="RetrainOn"/>, and the request counts for the
    /// cooldowns of those rules. A host looks by itself; without one, call <see cref="Lifecycle.CheckScheduleAsync"/>. The times are kept
    /// in the workspace: of several processes one requests the retraining, and a restart neither repeats nor forgets one. While a request
    /// of the schedule still waits, for example for labels, it requests no other.
    /// </summary>
    /// <param name="expression">
    /// A cron expression of five fields (minute, hour, day of month, month, day of week), such as <c>0 3 * * SUN</c>, or a macro such as
    /// <c>@daily</c>. Another expression or zone than before begins at the moment when a process first looks at it.
    /// </param>
    /// <param name="data">The rows to learn from.</param>
    /// <param name="timeZone">The time zone, by its name in the IANA database. Default: UTC.</param>
    /// <param name="missed">What becomes of times at which no process looked. Default: one retraining for all of them.</param>
    /// <param name="searchAgain">Whether to search hyperparameters again. Default: the winner's are reused.</param>
    /// <param name="minimumFeedback">
    /// How many labels must have arrived before feedback is learned from; until then the retraining stays requested. At least 1. Default:
    /// 50.
    /// </param>
    public MonitoringBuilder RetrainAt(
        string expression,
        RetrainingData data,
        string timeZone = "UTC",
        MissedRuns missed = MissedRuns.RunOnce,
        bool searchAgain = false,
        int minimumFeedback = DefaultFeedback)
    {
        _seal.CheckOpen();
        ArgumentException.ThrowIfNullOrWhiteSpace(expression);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(timeZone);
        if (!Enum.IsDefined(missed))
        {
            throw new ArgumentOutOfRangeException(nameof(missed), missed, "The value is not defined.");
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumFeedback, 1);
        _seal.Collect(() =>
        {
            var rule = new RetrainingRule(Signal.Custom, data, TimeSpan.Zero, searchAgain, minimumFeedback);
            var schedule = SchedulePlan.Parse(expression, timeZone, missed, rule);
            if (_schedules.Any(other => other.Name == schedule.Name))
            {
                throw new MlOpsException(
                    $"MonitorModel has RetrainAt(\"{schedule.Expression}\", …) twice for the time zone {schedule.TimeZone}.", "Keep one.");
            }
            _schedules.Add(schedule);
        });
        return this;
    }

    /// <summary>
    /// Watches a model that was trained and is served elsewhere, in a lifecycle without TrainModel: the collected rows, which hold
    /// its scores, are what later rows are compared with. Hand those to <see cref="ModelMonitor.RecordAsync"/>. Binary
    /// classification and regression.
    /// </summary>
    /// <param name="score">The column with the model's scores: P(positive), or the predicted number.</param>
    /// <param name="threshold">The score from which the model decides positive. Default: 0.5.</param>
    public MonitoringBuilder TrainedElsewhere(string score, double threshold = 0.5)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(score);
        if (!double.IsFinite(threshold))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold is a finite number.");
        }
        _elsewhere = new ModelElsewhere(score, threshold);
        return this;
    }

    /// <summary>
    /// Which predictions a check judges together: those since the last check, a fixed number, or those of a period of the calendar, by the
    /// time of the prediction or by a time in an input column. A window holds the predictions of all processes that share the workspace,
    /// and each version in it has its own report. The lifecycle that was run or hosted last decides for all processes. Default:
    /// <see cref="MonitoringWindows.SinceLastCheck"/>.
    /// </summary>
    /// <param name="windows">The windows.</param>
    public MonitoringBuilder Window(MonitoringWindows windows)
    {
        _seal.Once();
        ArgumentNullException.ThrowIfNull(windows);
        _seal.Collect(() => windows.RequireZone());
        _windows = windows;
        return this;
    }

    /// <summary>
    /// How many rows training and window need for a verdict; below, the verdict is
    /// <see cref="MonitoringVerdict.NotEnoughData"/>. Default: 200.
    /// </summary>
    /// <param name="rows">At least 2.</param>
    public MonitoringBuilder MinimumRows(int rows)
    {
        _seal.Once();
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2);
        _minimumRows = rows;
        return this;
    }

    /// <summary>
    /// From which corrected p-value a change is significant, at most: see <see cref="AlarmBudget"/>. Default: 0.05 after Benjamini–Hochberg
    /// over all measurements of a check.
    /// </summary>
    /// <param name="level">Between 0 and 1.</param>
    /// <param name="correction">How p-values are corrected.</param>
    public MonitoringBuilder SignificanceLevel(double level, Correction correction = Correction.BenjaminiHochberg)
    {
        _seal.Once();
        RequireLevel(level);
        _significanceLevel = level;
        _correction = correction;
        return this;
    }

    /// <summary>
    /// How many false alarms may be expected in a month of 30 days, over all checks: each check spends its significance level, which is the
    /// smaller the more often is checked (<see cref="MonitoringReport.SignificanceLevel"/>). Beside it, half as much is in reserve for
    /// checks in quick succession. Statistics without a p-value, which monitors of your own may have, are not limited. Default: 1.
    /// </summary>
    /// <param name="falseAlarmsPerMonth">Above 0.</param>
    public MonitoringBuilder AlarmBudget(double falseAlarmsPerMonth)
    {
        _seal.Once();
        if (!(falseAlarmsPerMonth > 0 && double.IsFinite(falseAlarmsPerMonth)))
        {
            throw new ArgumentOutOfRangeException(nameof(falseAlarmsPerMonth), falseAlarmsPerMonth, "A budget is a number above 0.");
        }
        _alarmBudget = falseAlarmsPerMonth;
        return this;
    }

    internal static void RequireLevel(double level, [CallerArgumentExpression(nameof(level))] string name = "")
    {
        if (!(level > 0 && level < 1)) throw new ArgumentOutOfRangeException(name, level, "A significance level is between 0 and 1.");
    }

    internal MonitoringPlan Build(BuildContext context)
    {
        _seal.Close(context.Mistakes);
        if (_monitors.Count == 0 && _schedules.Count == 0)
        {
            context.Lacks(
                LifecycleStage.Monitoring,
                "MonitorModel has no monitors. Call DataDrift(), PredictionDrift(), Bias(…), Performance(…) or Watch(…), or RetrainAt(…).");
        }
        else
        {
            // A monitor of one's own can give any signal, and a rollback is not measured.
            foreach (var signal in _retraining.Select(rule => rule.Signal)
                .Where(signal => signal is Signal.Release or Signal.Approval || (!_hasOwnMonitors && !_signals.Contains(signal)))
                .Distinct())
            {
                context.Lacks(
                    LifecycleStage.Monitoring,
                    $"RetrainOn(Signal.{signal}, …) never asks, because no monitor gives this signal. {Giver(signal)}");
            }
        }
        if (_windows.Rows < _minimumRows)
        {
            context.Lacks(
                LifecycleStage.Monitoring,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Windows of {_windows.Rows} predictions are never judged: MinimumRows is {_minimumRows}. " +
                        $"Give OfRows({_minimumRows}) or more, or MinimumRows({_windows.Rows})."));
        }
        var metrics = _recorded.SelectMany(MetricsOf).ToArray();
        CheckMetrics(metrics, context);
        return new MonitoringPlan
        {
            Windows = _windows,
            Monitors = [.. _monitors],
            Attributes =
            [
                .. _attributes
                    .Concat(_recorded.OfType<GroupPerformanceMonitor>().Select(monitor => monitor.Attribute))
                    .Concat(metrics.OfType<BuiltInMetric>().Select(metric => metric.Attribute).OfType<string>())
                    .Distinct(),
            ],
            Metrics = [.. _recorded.OfType<PerformanceMonitor>().Select(monitor => monitor.Metric)],
            WatchesRecords = _watchesRecords || _recorded.Count > 0,
            Sinks = [.. _sinks],
            Retraining = [.. _retraining],
            Schedules = [.. _schedules],
            Elsewhere = _elsewhere,
            MinimumRows = _minimumRows,
            SignificanceLevel = _significanceLevel,
            Correction = _correction,
            AlarmBudget = _alarmBudget,
            AlertCooldown = _alertCooldown,
        };
    }

    private static IMetric[] MetricsOf(ISignalling monitor) => monitor switch
    {
        PerformanceMonitor performance => [performance.Metric],
        GroupPerformanceMonitor groups => [groups.Metric],
        _ => [],
    };

    private void CheckMetrics(IReadOnlyList<IMetric> metrics, BuildContext context)
    {
        if (metrics.Count > 0 && _elsewhere is not null)
        {
            context.Mistakes.Add(
                "Performance(…) and Value(…) join labels to recorded predictions, and those of a model that is served elsewhere are not " +
                "recorded by id. Remove them, or deploy the model with the lifecycle.");
        }
        if (context.Task is not { } task) return;
        foreach (var metric in metrics.OfType<BuiltInMetric>()
            .Where(metric => !metric.Tasks.Contains(task)).DistinctBy(metric => metric.Name))
        {
            context.Mistakes.Add(
                $"The metric '{metric.Name}' that MonitorModel uses is not defined for {task}, only for " +
                $"{string.Join(" and ", metric.Tasks)}. Choose another.");
        }
        foreach (var twice in _recorded.GroupBy(monitor => monitor.Name).Where(group => group.Count() > 1))
        {
            context.Mistakes.Add($"MonitorModel has '{twice.Key}' twice. Keep one.");
        }
    }

    private static string Giver(Signal signal) => signal switch
    {
        Signal.DataDrift => "Call DataDrift().",
        Signal.PredictionDrift => "Call PredictionDrift().",
        Signal.Bias => "Call Bias(…).",
        Signal.Performance => "Call Performance(…).",
        Signal.Value => "Call Value(…).",
        Signal.Latency => "Call Latency(…).",
        Signal.Errors => "Call Errors(…).",
        Signal.Volume => "Call Volume(…).",
        Signal.Approval => "Retrain on what the monitors find, such as Signal.DataDrift, or call Lifecycle.RetrainNowAsync.",
        Signal.Release => "Retrain on what the rollout found, such as Signal.Performance, or call Lifecycle.RetrainNowAsync.",
        _ => "Call Watch(…) with a monitor of your own that gives it.",
    };
}
