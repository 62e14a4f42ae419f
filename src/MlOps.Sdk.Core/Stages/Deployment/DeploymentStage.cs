using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Stage 8: assembles the package, evaluates it on the holdout, asks the gates, registers the version, and deploys it when it is blessed.
/// </summary>
internal sealed class DeploymentStage(DeploymentPlan plan, MetricPlan metrics, DeploymentServices services) : IStage
{
    public const string Report = "report";
    public const string Package = "package";

    private const int GoldenRowCount = 16;
    private const int MinimumComparedRows = 50;
    private const string Comparison = "comparison";

    private IReleaseReview? _review;

    public LifecycleStage Kind => LifecycleStage.Deployment;

    public IReadOnlyList<StageInput> Inputs { get; } =
    [
        new(LifecycleStage.Problem, ProblemStage.Definition),
        new(LifecycleStage.Processing, ProcessingStage.Train), new(LifecycleStage.Processing, ProcessingStage.RawOf(ProcessingStage.Train)),
        new(LifecycleStage.Processing, ProcessingStage.Holdout),
        new(LifecycleStage.Processing, ProcessingStage.RawOf(ProcessingStage.Holdout)),
        new(LifecycleStage.Processing, ProcessingStage.HoldoutKeys),
        new(LifecycleStage.Features, FeatureStage.Graph),
        new(LifecycleStage.Training, TrainingStage.Model),
        new(LifecycleStage.Training, TrainingStage.Summary),
        new(LifecycleStage.Training, TrainingStage.OutOfFold),
    ];

    public async ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        fingerprint
            .Add("margin", FormattableString.Invariant($"{plan.Margin:R}"))
            .Add("replaces incomparable", plan.ReplacesIncomparable.ToString());
        fingerprint.AddObject("primary metric", metrics.Primary);
        foreach (var guard in metrics.Guards) fingerprint.AddObject($"guard {guard.Metric.Name}", guard);
        foreach (var metric in metrics.Reported) fingerprint.AddObject($"metric {metric.Name}", metric);
        var targets = plan.Targets.Select(create => create(services)).ToArray();
        fingerprint.Add("targets", string.Join(", ", targets.Select(target => $"{target.Name} ({target.GetType().FullName})")));
        for (var i = 0; i < targets.Length; i++)
        {
            // What this process serves is brought up to date in any case.
            if (!ReferenceEquals(targets[i], services.Process)) fingerprint.AddObject($"target {i + 1}", targets[i]);
        }

        _review = plan.Review?.Invoke(services.Services);
        if (_review is not null)
        {
            await _review.DescribeAsync(
                fingerprint,
                await LiveAsync(context, cancellationToken).ConfigureAwait(false),
                services,
                cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        context.Report("package", 0.05);
        var holdout = await SplitRows.ReadAsync(context, ProcessingStage.Holdout, cancellationToken).ConfigureAwait(false);
        using var package = await AssembleAsync(context, holdout, cancellationToken).ConfigureAwait(false);
        context.Report("evaluate", 0.3);
        await LookAsync(context, "gates", holdout, cancellationToken).ConfigureAwait(false);
        var evaluation = Evaluate(package, holdout, cancellationToken);
        var measured = metrics.All.ToDictionary(
            metric => metric.Name,
            metric => MetricIntervals.Compute(metric, evaluation, seed: context.Run.Seed));
        foreach (var (name, value) in measured) context.Run.LogMetric($"holdout.{name}", value.Value);

        var complete = new ModelPackage(
            package.Name,
            package.Problem,
            package.Graph,
            package.Model,
            package.Decision,
            package.Baseline,
            package.Facts with { Metrics = measured },
            package.Golden);
        var bytes = PackageFile.Write(complete);
        await context.SaveAsync(Package, bytes, cancellationToken).ConfigureAwait(false);

        context.Report("gates", 0.6);
        var champion = await LiveAsync(context, cancellationToken).ConfigureAwait(false);
        var isSame = champion is not null && champion.ContentHash == complete.ContentHash;
        var (comparison, incomparable) = champion is null || isSame
            ? (null, null)
            : await CompareAsync(
                context,
                champion,
                complete.ContentHash,
                complete.Problem,
                complete.Decision,
                holdout,
                evaluation,
                cancellationToken).ConfigureAwait(false);
        var gates = new Gates(metrics, context.Run.Readers, plan.ReplacesIncomparable).Judge(
            bytes, measured, champion, isSame, comparison, incomparable);

        // The model that is live already is not registered and judged anew: a stricter gate of today must not take away
        // what the version was blessed with.
        var version = isSame ? champion! : await RegisterAsync(context, complete, measured, cancellationToken).ConfigureAwait(false);
        var blessing = isSame
            ? new Blessing(version.Model, version.Version, version.ContentHash, context.Run.Time.GetUtcNow(), services.Actor, gates)
            : await services.Models.BlessAsync(version, gates, services.Actor, cancellationToken).ConfigureAwait(false);

        context.Report("deploy", 0.9);
        var (goesLive, said) = _review is null || champion is null || isSame || !blessing.IsBlessed
            ? (blessing.IsBlessed, "")
            : await _review.DecideAsync(context, champion, version, complete, services, cancellationToken).ConfigureAwait(false);
        var reason = Explain(blessing, champion, isSame, comparison);
        var report = new DeploymentReport
        {
            Model = complete.Name,
            Version = version.Version,
            ContentHash = complete.ContentHash,
            IsDeployed = goesLive,
            IsKeptBack = blessing.IsBlessed && !goesLive,
            Reason = said.Length == 0 ? reason : goesLive ? $"{reason} And {said}." : $"{reason} But {said}.",
            Gates = gates,
            Holdout = measured,
            HoldoutRows = evaluation.RowCount,
            Comparison = comparison,
        };
        if (report.IsDeployed)
        {
            report = report with
            {
                Targets = await DeployAsync(version, champion, bytes, report.Reason, cancellationToken).ConfigureAwait(false)
            };
        }
        DeploymentLog.Decided(
            context.Logger, complete.Name, version.Version, report.IsDeployed ? "deployed" : "not deployed", report.Reason);
        await context.SaveAsync(Report, report, DeploymentJson.Default.DeploymentReport, cancellationToken).ConfigureAwait(false);
    }

    private Task<ModelVersion?> LiveAsync(StageContext context, CancellationToken cancellationToken) =>
        services.Models.FindByAliasAsync(context.Run.Lifecycle, ModelRegistry.Champion, cancellationToken);

    private static async Task<ModelPackage> AssembleAsync(StageContext context, SplitRows holdout, CancellationToken cancellationToken)
    {
        var readers = context.Run.Readers;
        var problem = await ProblemStage.ReadDefinitionAsync(context, cancellationToken).ConfigureAwait(false);
        var graph = FeatureGraph.Read(
            await context.ReadAsync(LifecycleStage.Features, FeatureStage.Graph, cancellationToken).ConfigureAwait(false),
            readers);
        var training = await TrainingStage.ReadSummaryAsync(context, cancellationToken).ConfigureAwait(false);
        var model = readers.Read<IModel>(
            training.ModelFormat,
            await context.ReadAsync(LifecycleStage.Training, TrainingStage.Model, cancellationToken).ConfigureAwait(false));
        var outOfFold = await TrainingStage.ReadScoresAsync(context, cancellationToken).ConfigureAwait(false);
        var train = await SplitRows.ReadAsync(context, ProcessingStage.Train, cancellationToken).ConfigureAwait(false);
        var decision = new Decision(training.Labels, training.Threshold);
        return new ModelPackage(
            context.Run.Lifecycle,
            problem,
            graph,
            model,
            decision,
            PackageBaseline.Build(
                new Schema(graph.Input.Where(field => !graph.Identifying.Contains(field.Name))), train.Raw, decision, outOfFold),
            new RunFacts
            {
                RunId = context.Run.RunId,
                CreatedAt = context.Run.Time.GetUtcNow(),
                Trainer = training.Trainer,
                Parameters = training.Parameters,
                TrainingRows = context.Input(LifecycleStage.Processing, ProcessingStage.Train).ToString(),
                HoldoutRows = context.Input(LifecycleStage.Processing, ProcessingStage.Holdout).ToString(),
            },
            ModelPackage.AnswerGoldenRows(graph, model, train.Raw, GoldenRowCount));
    }

    private static Evaluation Evaluate(ModelPackage package, SplitRows holdout, CancellationToken cancellationToken) => new()
    {
        Task = package.Problem.Task,
        Labels = package.Decision.Labels.Encode(holdout.Prepared),
        Scores = package.Score(holdout.Raw, cancellationToken),
        ClassCount = package.Decision.Labels.ClassCount,
        Threshold = package.Decision.Threshold,
        Groups = Groups.Of(holdout.Prepared, package.Problem.Label),
    };

    // Both are judged on the same rows, which neither was trained on; what cannot be compared says why.
    private async Task<(ChampionComparison? Comparison, string? Incomparable)> CompareAsync(
        StageContext context,
        ModelVersion champion,
        string contentHash,
        ProblemDefinition problem,
        Decision decision,
        SplitRows holdout,
        Evaluation challenger,
        CancellationToken cancellationToken)
    {
        // A store that cannot be read fails the run: only what the old package itself cannot do makes it incomparable.
        var package = await context.Artifacts.ReadAllAsync(champion.PackageId, cancellationToken).ConfigureAwait(false);
        var trained = await TrainedKeysAsync(context, champion, cancellationToken).ConfigureAwait(false);
        Evaluation champions;
        int[] unseen;
        try
        {
            using var incumbent = PackageFile.Read(package, context.Run.Readers);
            var theirs = incumbent.Decision.Labels;
            if (theirs.Task != decision.Labels.Task
                || incumbent.Problem.Label != problem.Label
                || !theirs.Classes.SequenceEqual(decision.Labels.Classes))
            {
                return (null, $"it predicts '{incumbent.Problem.Label}' ({theirs.Task}: {string.Join(", ", theirs.Classes)})");
            }
            unseen = Unseen(trained, holdout, context.Run.Lifecycle);
            if (unseen.Length < MinimumComparedRows)
            {
                return (null, $"only {unseen.Length} of {holdout.Prepared.RowCount} holdout rows were not in its training");
            }
            champions = Evaluate(incumbent, holdout, cancellationToken);
        }
        catch (MlOpsException e)
        {
            return (null, e.Message);
        }

        // The significance level is spent over all comparisons to come: 0.05 times 6 / (π² k²) for the k-th. The same two on the
        // same rows are the same comparison.
        var purpose = $"{Comparison} of {contentHash} with {champion.ContentHash}";
        await LookAsync(context, purpose, holdout, cancellationToken).ConfigureAwait(false);
        var comparisons = (await services.Ledger.ListAsync(context.Run.Lifecycle, cancellationToken).ConfigureAwait(false))
            .Where(look => look.Purpose.StartsWith(Comparison, StringComparison.Ordinal))
            .Select(look => (look.Purpose, look.RowsHash))
            .Distinct()
            .ToList();
        var k = comparisons.IndexOf((purpose, context.Input(LifecycleStage.Processing, ProcessingStage.HoldoutKeys).ToString())) + 1;
        var level = 1 - 0.05 * 6 / (Math.PI * Math.PI * k * k);
        var difference = MetricComparison.Compare(
            metrics.Primary.Metric, champions.Take(unseen), challenger.Take(unseen), level, seed: context.Run.Seed);
        return (new ChampionComparison(
            champion.Version,
            metrics.Primary.Metric.Name,
            difference.Champion.Value,
            difference.Challenger.Value,
            difference.Improvement,
            difference.Lower,
            difference.Upper,
            level,
            plan.Margin,
            unseen.Length), null);
    }

    private async Task<RowKeySet?> TrainedKeysAsync(StageContext context, ModelVersion champion, CancellationToken cancellationToken)
    {
        if (champion.RunId is null) return null;
        var run = await services.Runs.GetAsync(champion.RunId, cancellationToken).ConfigureAwait(false);
        return RowKeySet.Read(await context.Artifacts.ReadAllAsync(
            run.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Outputs[ProcessingStage.TrainKeys],
            cancellationToken).ConfigureAwait(false));
    }

    // The holdout rows that the champion was not trained on: a champion of other settings may have been split otherwise.
    private static int[] Unseen(RowKeySet? trained, SplitRows holdout, string lifecycle)
    {
        int[] all = [.. Enumerable.Range(0, holdout.Prepared.RowCount)];
        if (trained is null) return all;
        var keys = ProcessingStage.KeysOf(holdout.Raw, trained.Columns, lifecycle);
        var seen = trained.Keys.ToHashSet();
        return [.. all.Where(row => !seen.Contains(keys[row]))];
    }

    // Every look is recorded before the rows are shown, under the keys by which they are recognized for ever.
    private Task LookAsync(StageContext context, string purpose, SplitRows holdout, CancellationToken cancellationToken) =>
        services.Ledger.RecordAsync(
            context.Run.Lifecycle,
            context.Run.RunId,
            purpose,
            context.Input(LifecycleStage.Processing, ProcessingStage.HoldoutKeys).ToString(),
            holdout.Prepared.RowCount,
            context.Run.Time.GetUtcNow(),
            cancellationToken);

    // What a rollout kept back, and is judged again, is no other version.
    private async Task<ModelVersion> RegisterAsync(
        StageContext context, ModelPackage package, IReadOnlyDictionary<string, MetricValue> measured, CancellationToken cancellationToken)
    {
        if (_review is not null
            && (await services.Models.ListAsync(package.Name, cancellationToken).ConfigureAwait(
                false)).FirstOrDefault(version => version.ContentHash == package.ContentHash) is { } known)
        {
            return known;
        }
        var request = new NewModelVersion(package.Name, context.Outputs[Package], package.ContentHash, context.Run.RunId, measured);
        return await services.Models.RegisterAsync(request, services.Actor, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<string>> DeployAsync(
        ModelVersion version, ModelVersion? champion, byte[] bytes, string reason, CancellationToken cancellationToken)
    {
        var blessed = await services.Models.GetBlessedAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
        if (champion?.Version != version.Version)
        {
            await services.Models.PromoteAsync(
                blessed, ModelRegistry.Champion, champion?.Version, services.Actor, reason, cancellationToken).ConfigureAwait(false);
        }
        var names = new List<string>();
        foreach (var create in plan.Targets)
        {
            var target = create(services);
            var turn = ReferenceEquals(target, services.Process) ? services.Process.TurnOf(version.Model) : null;
            if (turn is not null) await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await target.ApplyAsync(new DesiredDeployment(version.Model, blessed, bytes), cancellationToken).ConfigureAwait(false);
                var observed = await target.ObserveAsync(version.Model, cancellationToken).ConfigureAwait(false);
                if (observed.Version != version.Version)
                {
                    throw new MlOpsException(
                        $"The target '{target.Name}' serves version " +
                            $"{observed.Version?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"} after version " +
                            $"{version.Version} was deployed.",
                        "Look at the target, then run the lifecycle again.");
                }
            }
            finally
            {
                turn?.Release();
            }

            names.Add(target.Name);
        }

        return names;
    }

    private static string Explain(Blessing blessing, ModelVersion? champion, bool isSame, ChampionComparison? comparison)
    {
        if (!blessing.IsBlessed)
        {
            return string.Join(
                "; ",
                blessing.Gates
                    .Where(gate => gate.Outcome == GateOutcome.Failed)
                    .Select(gate => $"{gate.Name}: {gate.Observed}, where {gate.Required} is required. {gate.Explanation}"));
        }
        if (isSame) return $"The model is the same as version {champion!.Version}, to the last bit.";
        return comparison is null
            ? "It passed every gate, and no comparable version was live."
            : FormattableString.Invariant(
                $"It is better than version {comparison.Champion} on the same {comparison.Rows} rows: {comparison.Metric} {comparison.ChallengerValue:0.0000} against {comparison.ChampionValue:0.0000}, difference {comparison.Difference:+0.0000;-0.0000} with {comparison.Level:P1} interval [{comparison.Lower:+0.0000;-0.0000}, {comparison.Upper:+0.0000;-0.0000}], above the margin {comparison.Margin:0.####}.");
    }
}
