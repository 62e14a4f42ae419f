using System.Buffers;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Stage 9: puts on record what is watched. The monitors themselves begin with the endpoint.</summary>
internal sealed class MonitoringStage(MonitoringPlan plan, IServiceProvider services) : IStage
{
    public const string Summary = "summary";
    public const string Baseline = "baseline";
    public const string Decision = "decision";

    public LifecycleStage Kind => LifecycleStage.Monitoring;

    /// <summary>The model, where no stage makes it.</summary>
    public ReceivedModel? Received { get; init; }

    public IReadOnlyList<StageInput> Inputs => Received is not null ? []
        : plan.Elsewhere is null ? [new(LifecycleStage.Deployment, DeploymentStage.Package)]
        : [new(LifecycleStage.Problem, ProblemStage.Task), new(LifecycleStage.Collection, CollectionStage.Rows)];

    public async ValueTask<StageWork> PrepareAsync(
        FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        // A sink that cannot be made fails the run rather than the first alert.
        foreach (var create in plan.Sinks) create(services);
        for (var i = 0; i < plan.Monitors.Count; i++) fingerprint.AddObject($"monitor {i + 1}", plan.Monitors[i](services));
        fingerprint.AddObject("model elsewhere", plan.Elsewhere);
        foreach (var rule in plan.Retraining) fingerprint.AddObject($"retraining on {rule.Signal}", rule);
        foreach (var schedule in plan.Schedules) fingerprint.AddObject($"retraining by {schedule.Name}", schedule.Rule);
        if (plan.Windows.Kind != WindowKind.SinceLastCheck) fingerprint.Add("windows", plan.Windows.Text);
        fingerprint
            .Add("minimum rows", $"{plan.MinimumRows}")
            .Add("significance", FormattableString.Invariant($"{plan.SignificanceLevel} {plan.Correction}"));
        if (Received is not null)
        {
            fingerprint.Add("live", (await Received.FindLive(cancellationToken).ConfigureAwait(false))?.ContentHash ?? "");
        }

        return new StageWork(token => ExecuteAsync(context, token));
    }

    private async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var monitors = plan.Monitors.Select(create => create(services)).ToArray();
        var groups = monitors.OfType<BiasMonitor>().ToArray();
        var baseline = plan.Elsewhere is { } model
            ? await SaveBaselineAsync(context, model, groups, cancellationToken).ConfigureAwait(false)
            : await ReadBaselineAsync(context, groups, cancellationToken).ConfigureAwait(false);
        if (plan.Windows.Column is { } column && baseline is not null) RequireTimes(column, baseline);
        var summary = new MonitoringSummary(
            [.. monitors.Select(monitor => monitor.Name)],
            plan.MinimumRows,
            plan.SignificanceLevel,
            [.. plan.Retraining.Select(rule => rule.Signal)])
        {
            Windows = plan.Windows.ToString(),
            RetrainsAt = [.. plan.Schedules.Select(schedule => $"{schedule.Expression} ({schedule.TimeZone})")],
            Replay = baseline is null ? null : BlockReplay.Run(monitors, baseline, plan),
        };
        if (summary.Replay is { } replay && BlockReplay.AlarmsTooOften(replay, plan.SignificanceLevel))
        {
            MonitoringLog.ReplayAlarmed(
                context.Logger, context.Run.Lifecycle, replay.Alarms, replay.Windows, string.Join(", ", replay.Subjects));
        }
        await context.SaveAsync(Summary, summary, MonitoringJson.Default.MonitoringSummary, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a run of this stage saved about a model elsewhere.</summary>
    public static async Task<ElsewhereBaseline> ReadBaselineAsync(
        ModelElsewhere model,
        ProblemDefinition problem,
        IReadOnlyDictionary<string, ArtifactId> outputs,
        IArtifactStore artifacts,
        CancellationToken cancellationToken)
    {
        var decision = StoredRecord.ReadJson(
            $"what monitoring decides by ('{Decision}')",
            await artifacts.ReadAllAsync(outputs[Decision], cancellationToken).ConfigureAwait(false),
            MonitoringJson.Default.Decision);
        return new ElsewhereBaseline(
            model,
            PackageBaseline.Read(await artifacts.ReadAllAsync(outputs[Baseline], cancellationToken).ConfigureAwait(false)),
            decision,
            problem.ProtectedAttributes);
    }

    // What a monitor of groups lacks would otherwise be noticed by the first check only.
    private async Task<PackageBaseline?> ReadBaselineAsync(
        StageContext context, BiasMonitor[] groups, CancellationToken cancellationToken)
    {
        if (await ReadPackageAsync(context, cancellationToken).ConfigureAwait(false) is not { } made) return null;
        using var package = made;
        if (groups.Length > 0) RequireBinary(package.Problem.Task);
        if (plan.Metrics.Count > 0) WindowRecords.RequireComparable(RecordedModel.Of(package.Name, 0, package));
        var window = new MonitoringWindow(package.Name, 0, WindowShape.Of(package), plan.MinimumRows);
        foreach (var monitor in groups) window.Groups(monitor.Attribute);
        return package.Baseline;
    }

    private async Task<ModelPackage?> ReadPackageAsync(StageContext context, CancellationToken cancellationToken)
    {
        if (Received is null)
        {
            return PackageFile.Read(
                await context.ReadAsync(LifecycleStage.Deployment, DeploymentStage.Package, cancellationToken).ConfigureAwait(false),
                context.Run.Readers);
        }

        return await Received.FindLive(cancellationToken).ConfigureAwait(false) is { } live
            ? await Received.Read(live, cancellationToken).ConfigureAwait(false)
            : null;
    }

    private static void RequireTimes(string column, PackageBaseline baseline)
    {
        var found = baseline.Inputs.FirstOrDefault(input => input.Name == column);
        if (found?.Profile.Type == ColumnType.Timestamp) return;
        throw new MlOpsException(
            found is null
                ? $"MonitoringWindows.ByEventTime(…) uses '{column}', which is not recorded with the predictions."
                : $"MonitoringWindows.ByEventTime(…) uses '{column}', which is {found.Profile.Type}, not a point in time.",
            found is null && NearestName.Find(column, baseline.Inputs.Select(input => input.Name)) is { } near ? $"Did you mean '{near}'?"
                : found is null ? $"Call EngineerFeatures(features => features.Observe(\"{column}\")) and train again."
                : "Name a column of the type Timestamp.") { Column = column };
    }

    private static void RequireGroups(BiasMonitor[] groups, ProblemDefinition problem)
    {
        if (groups.Length == 0) return;
        RequireBinary(problem.Task);
        if (groups.FirstOrDefault(monitor => !problem.ProtectedAttributes.Contains(monitor.Attribute)) is { } unknown)
        {
            throw new MlOpsException(
                $"Bias(…) uses '{unknown.Attribute}', which the problem does not protect.",
                $"Call Protect(\"{unknown.Attribute}\") in DefineProblem.") { Column = unknown.Attribute };
        }
    }

    private static void RequireBinary(TaskKind task)
    {
        if (task != TaskKind.BinaryClassification)
        {
            throw new MlOpsException(
                $"Bias(…) cannot monitor a model for {task}. {BiasMonitor.NeedsBinary}",
                "Remove Bias(…), or use your own monitor: Watch(monitor).");
        }
    }

    private static async Task<PackageBaseline> SaveBaselineAsync(
        StageContext context, ModelElsewhere model, BiasMonitor[] groups, CancellationToken cancellationToken)
    {
        var problem = await ProblemStage.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        RequireGroups(groups, problem);
        if (problem.Task == TaskKind.MulticlassClassification)
        {
            throw new MlOpsException(
                "A multiclass model that is served elsewhere cannot be monitored with one column of scores.",
                "Wrap it in an ITrainer that returns it, and deploy it with the lifecycle.");
        }
        var rows = await context.ReadRowsAsync(LifecycleStage.Collection, CollectionStage.Rows, cancellationToken).ConfigureAwait(false);
        var decision = new Packaging.Decision(LabelEncoding.Learn(problem, rows), model.Threshold);
        var input = new Schema(
            rows.Schema.Where(field => field.Name != problem.Label && field.Name != model.ScoreColumn && field.Type != ColumnType.Vector));
        var bytes = new ArrayBufferWriter<byte>();
        var baseline = PackageBaseline.Build(input, rows, decision, Scores(rows, model.ScoreColumn));
        baseline.Save(bytes);
        await context.SaveAsync(Baseline, bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await context.SaveAsync(Decision, decision, MonitoringJson.Default.Decision, cancellationToken).ConfigureAwait(false);
        return baseline;
    }

    /// <summary>The scores of rows that were predicted elsewhere.</summary>
    /// <exception cref="MlOpsException">A score is missing or no number.</exception>
    public static double[] Scores(Dataset rows, string column)
    {
        var scores = new double[rows.RowCount];
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = rows[column].GetNumber(row);
            if (!double.IsFinite(scores[row]))
            {
                throw new MlOpsException(
                    FormattableString.Invariant($"The score of row {row + 1} is missing or not a number."),
                    "Filter out rows without a score.") { Column = column };
            }
        }

        return scores;
    }
}
