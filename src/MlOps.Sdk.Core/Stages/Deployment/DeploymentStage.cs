using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Stage 8: assembles the package, evaluates it on the holdout, asks the gates, registers the version, and deploys it when it is blessed.
/// </summary>
internal sealed class DeploymentStage(DeploymentPlan plan, MetricPlan metrics, DeploymentServices services) : IStage
{
    public const string Report = "report";
    public const string Package = "package";

    private const int MaxTries = 5;

    private readonly Lazy<IDeploymentTarget[]> _targets = new(() => [.. plan.Targets.Select(create => create(services))]);

    public LifecycleStage Kind => LifecycleStage.Deployment;

    public IReadOnlyList<StageInput> Inputs { get; } =
    [
        new(LifecycleStage.Problem, ProblemStage.Definition),
        new(LifecycleStage.Processing, ProcessingStage.Train), new(LifecycleStage.Processing, ProcessingStage.RawOf(ProcessingStage.Train)),
        new(LifecycleStage.Processing, ProcessingStage.Holdout),
        new(LifecycleStage.Processing, ProcessingStage.RawOf(ProcessingStage.Holdout)),
        new(LifecycleStage.Processing, ProcessingStage.HoldoutKeys),
        new(LifecycleStage.Training, TrainingStage.Graph),
        new(LifecycleStage.Training, TrainingStage.Model),
        new(LifecycleStage.Training, TrainingStage.Summary),
        new(LifecycleStage.Training, TrainingStage.OutOfFold),
    ];

    public async ValueTask<StageWork> PrepareAsync(
        FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        fingerprint
            .Add("margin", FormattableString.Invariant($"{plan.Margin:R}"))
            .Add("weight", plan.Weight ?? "")
            .Add("replaces incomparable", plan.ReplacesIncomparable.ToString());
        if (plan.Inputs is { } inputs) fingerprint.Add("inputs", JsonSerializer.Serialize(inputs, PackageJson.Default.InputContract));
        fingerprint.AddObject("primary metric", metrics.Primary);
        foreach (var guard in metrics.Guards) fingerprint.AddObject($"guard {guard.Metric.Name}", guard);
        foreach (var metric in metrics.Reported) fingerprint.AddObject($"metric {metric.Name}", metric);
        var targets = _targets.Value;
        fingerprint.Add("targets", string.Join(", ", targets.Select(target => $"{target.Name} ({target.GetType().FullName})")));
        for (var i = 0; i < targets.Length; i++)
        {
            // What this process serves is brought up to date in any case.
            if (!ReferenceEquals(targets[i], services.Process)) fingerprint.AddObject($"target {i + 1}", targets[i]);
        }

        // Whoever is rejected for the classes of an application is judged again when they fit.
        var mismatches = await FindMismatchesAsync(context, cancellationToken).ConfigureAwait(false);
        if (mismatches.Count > 0) fingerprint.Add("applications that cannot call it", string.Join('\n', mismatches));

        // Whoever was kept back because the actor may not promote is judged again for one who may.
        if (services.Acting.IsProvided)
        {
            fingerprint.Add(
                "the actor may promote", services.Acting.May(ReleaseAction.Promote, context.Run.Lifecycle).ToString());
        }

        await new ApprovalGate(services, plan.Approval).DescribeAsync(fingerprint, context, cancellationToken).ConfigureAwait(false);

        // A package that nobody had signed is made again for who signs it, and what another one signed is signed again.
        if (services.Signer is { } signer)
        {
            fingerprint.Add("signed by", signer.KeyId);
            var live = await FindLiveAsync(context, cancellationToken).ConfigureAwait(false);
            if (await new LiveSignature(services, context.Artifacts, context.Run.Readers).FindOtherAsync(
                live, cancellationToken).ConfigureAwait(false) is { } other)
            {
                fingerprint.Add("the live version is signed by", other);
            }
        }

        var review = plan.Review?.Invoke(services.Services);
        if (review is not null)
        {
            await review.DescribeAsync(
                fingerprint,
                await FindLiveAsync(context, cancellationToken).ConfigureAwait(false),
                services,
                cancellationToken).ConfigureAwait(false);
        }

        return new StageWork(token => ExecuteAsync(context, review, token));
    }

    /// <summary>The approval that the version of a run awaits; <see langword="null"/> when it awaits none.</summary>
    public static async Task<long?> FindAwaitedAsync(
        IReadOnlyDictionary<LifecycleStage, IReadOnlyDictionary<string, ArtifactId>> results,
        IArtifactStore artifacts,
        CancellationToken cancellationToken) =>
        results.TryGetValue(LifecycleStage.Deployment, out var outputs) && outputs.TryGetValue(Report, out var id)
            ? StoredRecord.ReadJson(
                $"a deployment ('{Report}')",
                await artifacts.ReadAllAsync(id, cancellationToken).ConfigureAwait(false),
                DeploymentJson.Default.DeploymentReport).AwaitsApproval
            : null;

    private Task<IReadOnlyList<string>> FindMismatchesAsync(StageContext context, CancellationToken cancellationToken)
    {
        return new CallableGate(services.Hosts).FindMismatchesAsync(context.Run.Lifecycle, VersionAsync, cancellationToken);

        async Task<(Schema Input, TaskKind Task)> VersionAsync()
        {
            var problem = await ProblemStage.ReadDefinitionAsync(context, cancellationToken).ConfigureAwait(false);
            using var graph = FeatureGraph.Read(
                await context.ReadAsync(LifecycleStage.Training, TrainingStage.Graph, cancellationToken).ConfigureAwait(false),
                context.Run.Readers);
            return (graph.Input, problem.Task);
        }
    }

    private async Task ExecuteAsync(StageContext context, IReleaseReview? review, CancellationToken cancellationToken)
    {
        context.Report("package", 0.05);
        var holdout = await SealedHoldout.ReadAsync(context, services.Ledger, plan.Weight, cancellationToken).ConfigureAwait(false);
        var (package, made) = await OpenAsync(context, cancellationToken).ConfigureAwait(false);
        using var opened = package;
        context.Report("evaluate", 0.3);
        await holdout.RecordLookAsync("gates", cancellationToken).ConfigureAwait(false);
        var evaluation = holdout.Evaluate(package, cancellationToken);
        var measured = metrics.All.ToDictionary(
            metric => metric.Name,
            metric =>
            {
                using var call = PluginCalls.Enter("metric", metric.Name);
                return MetricIntervals.Compute(metric, evaluation, seed: context.Run.Seed);
            });
        foreach (var (name, value) in measured) context.Run.LogMetric($"holdout.{name}", value.Value);
        await SaveScoresAsync(context, evaluation, cancellationToken).ConfigureAwait(false);
        var complete = made is null ? new ModelPackage(package.Parts with { Facts = package.Facts.With(measured, evaluation) }) : package;
        var (bytes, contentHash) = made ?? PackageFile.Write(complete, services.Signer);
        await context.SaveAsync(Package, bytes, cancellationToken).ConfigureAwait(false);

        var candidate = new Candidate(holdout, complete, bytes, contentHash, evaluation, measured);
        DeploymentReport report;
        for (var tries = 1; ; tries++)
        {
            try
            {
                report = await JudgeAsync(context, candidate, review, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (ConcurrencyException e) when (tries < MaxTries)
            {
                // Another run was quicker: what counts is whether this one is better than what is live now.
                DeploymentLog.JudgedAgain(context.Logger, complete.Name, e.Problem);
            }
        }

        DeploymentLog.Decided(
            context.Logger,
            report.Model,
            report.Version,
            report.IsDeployed ? "deployed" : report.IsRollingOut ? "rolled out step by step" : "not deployed",
            report.Reason);
        await context.SaveAsync(Report, report, DeploymentJson.Default.DeploymentReport, cancellationToken).ConfigureAwait(false);
    }

    // By them, runs are compared on the same rows.
    private async Task SaveScoresAsync(StageContext context, Evaluation evaluation, CancellationToken cancellationToken)
    {
        if (evaluation.Scores.Length > HoldoutScores.MostScores)
        {
            DeploymentLog.ScoresNotKept(context.Logger, context.Run.Lifecycle, evaluation.Scores.Length, HoldoutScores.MostScores);
            return;
        }
        var scores = new HoldoutScores { Metrics = [.. metrics.All.Select(metric => metric.Name)], Evaluation = evaluation };
        await context.SaveAsync(HoldoutScores.Name, scores.Save(), cancellationToken).ConfigureAwait(false);
    }

    // People approved exactly the bytes that were made then.
    private async Task<(ModelPackage Package, PackageContent? Made)> OpenAsync(
        StageContext context, CancellationToken cancellationToken)
    {
        if (context.Run.AwaitedVersion is not { } awaited)
        {
            return (await PackageAssembly.AssembleAsync(context, plan.Inputs, cancellationToken).ConfigureAwait(false), null);
        }
        var version = await services.Models.GetAsync(context.Run.Lifecycle, awaited, cancellationToken).ConfigureAwait(false);
        var bytes = await context.Artifacts.ReadAllAsync(version.PackageId, cancellationToken).ConfigureAwait(false);
        return (PackageFile.Read(bytes, context.Run.Readers), new PackageContent(bytes, version.ContentHash));
    }

    /// <exception cref="ConcurrencyException">Another version went live meanwhile; this one did not.</exception>
    private async Task<DeploymentReport> JudgeAsync(
        StageContext context, Candidate candidate, IReleaseReview? review, CancellationToken cancellationToken)
    {
        context.Report("gates", 0.6);
        var (holdout, complete, bytes, contentHash, evaluation, measured) = candidate;
        var champion = await new LiveSignature(services, context.Artifacts, context.Run.Readers).RenewAsync(
            await FindLiveAsync(context, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var trial = await new ChampionTrial(
            context.Artifacts,
            context.Run.Readers,
            context.Run.Seed,
            holdout,
            services.Runs,
            metrics.Primary.Metric,
            plan.Margin).CompareAsync(
            champion, complete, contentHash, evaluation, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<GateResult> gates =
        [
            .. new Gates(
                metrics,
                context.Run.Readers,
                plan.ReplacesIncomparable,
                "DeployModel(deployment => deployment.ReplaceIncomparable())").Judge(bytes, measured, trial),
            .. await new CallableGate(services.Hosts).JudgeAsync(
                complete.Name, complete.Graph.Input, complete.Decision.Labels.Task, cancellationToken).ConfigureAwait(false),
        ];
        var request = new NewModelVersion(complete.Name, context.Outputs[Package], contentHash, context.Run.RunId, measured)
        {
            Package = bytes,
            RegistrarId = services.Acting.Person.EnteredId,
        };
        var (version, blessing, pending) = await BlessAsync(request, trial, gates, context, cancellationToken).ConfigureAwait(false);

        context.Report("deploy", 0.9);
        var (goesLive, isRollingOut, said) = review is null || champion is null || trial.IsSame || !blessing.IsBlessed
            ? new ReviewOutcome(blessing.IsBlessed, false, "")
            : await review.DecideAsync(context, champion, version, complete, services, cancellationToken).ConfigureAwait(false);
        if (goesLive && champion?.Version != version.Version && !services.Acting.May(ReleaseAction.Promote, complete.Name))
        {
            (goesLive, said) = (false, services.Acting.Refusal(ReleaseAction.Promote, complete.Name));
        }
        var reason = trial.Explain(blessing);
        if (said.Length > 0) reason = goesLive || isRollingOut ? $"{reason} And {said}." : $"{reason} But {said}.";
        return new DeploymentReport
        {
            Model = complete.Name,
            Version = version.Version,
            ContentHash = contentHash,
            IsDeployed = goesLive,
            IsKeptBack = blessing.IsBlessed && !goesLive && !isRollingOut,
            IsRollingOut = isRollingOut,
            AwaitsApproval = pending?.Id,
            Reason = reason,
            Gates = blessing.Gates,
            Holdout = measured,
            HoldoutRows = evaluation.RowCount,
            Evaluation = EvaluationSummarizer.Of(
                evaluation,
                complete.Decision.Labels.Classes,
                complete.Problem.ProtectedAttributes.Concat(metrics.Attributes)),
            Comparison = trial.Comparison,
            Targets = goesLive
                ? await new Delivery(services, _targets.Value)
                {
                    Grace = context.Run.CancellationGrace,
                }.DeployAsync(version, champion, bytes, reason, cancellationToken).ConfigureAwait(false)
                : [],
        };
    }

    private Task<ModelVersion?> FindLiveAsync(StageContext context, CancellationToken cancellationToken) =>
        services.Models.FindByAliasAsync(context.Run.Lifecycle, ModelRegistry.Champion, cancellationToken);

    private async Task<(ModelVersion Version, Blessing Blessing, Approval? Pending)> BlessAsync(
        NewModelVersion request,
        TrialOutcome trial,
        IReadOnlyList<GateResult> gates,
        StageContext context,
        CancellationToken cancellationToken)
    {
        var time = context.Run.Time;
        // The model that is live already is not registered and judged again: a stricter gate of today must not take away
        // what the version was blessed with.
        if (trial is { IsSame: true, Champion: { } champion })
        {
            var live = await services.Models.MendAsync(
                champion, request.Package, services.Actor, cancellationToken).ConfigureAwait(false);
            await new ApprovalGate(services, plan.Approval).TightenAsync(live, cancellationToken).ConfigureAwait(false);
            return (live, new Blessing(live.Model, live.Version, live.ContentHash, time.GetUtcNow(), services.Actor, gates), null);
        }
        var version = await FindKeptBackAsync(request, cancellationToken).ConfigureAwait(false) is { } keptBack
            ? await services.Models.MendAsync(keptBack, request.Package, services.Actor, cancellationToken).ConfigureAwait(false)
            : await services.Models.RegisterAsync(request, services.Actor, cancellationToken).ConfigureAwait(false);
        var said = trial.Explain(new Blessing(version.Model, version.Version, version.ContentHash, time.GetUtcNow(), "", gates));
        var (approval, pending) = await new ApprovalGate(services, plan.Approval).JudgeAsync(
            version, trial.Champion, gates, said, context.Run.RunId, context.Run.IsResumed, cancellationToken).ConfigureAwait(false);
        if (approval is not null) gates = [.. gates, approval];
        var blessing = await new Attestation(services, time).StoreAsync(version, gates, cancellationToken).ConfigureAwait(false);
        return (version, blessing, pending);
    }

    // What was kept back, and is judged again, is not another version.
    private async Task<ModelVersion?> FindKeptBackAsync(NewModelVersion request, CancellationToken cancellationToken) =>
        plan.Review is null && !services.Acting.IsProvided && plan.Approval is null
        && await services.Approvals.FindPolicyAsync(request.Model, cancellationToken).ConfigureAwait(false) is null
        ? null
        : (await services.Models.ListAsync(request.Model, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(version => version.ContentHash == request.ContentHash);

    private sealed record Candidate(
        SealedHoldout Holdout,
        ModelPackage Package,
        byte[] Bytes,
        string ContentHash,
        Evaluation Evaluation,
        IReadOnlyDictionary<string, MetricValue> Measured);
}
