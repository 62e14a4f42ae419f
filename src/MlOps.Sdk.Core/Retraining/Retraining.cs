using MlOps.Sdk.Collection;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>
/// Makes the plan of a retraining: the same lifecycle over the rows that the rule names, with the winner's
/// hyperparameters unless it is to search again.
/// </summary>
internal sealed class Retraining(Workspace workspace, LifecyclePlan plan, RetrainingRule rule, IServiceProvider services)
{
    private const string RunFirst = "Run the lifecycle until a version is deployed.";

    private string NothingLive => $"No version of '{plan.Name}' is live, so there is nothing to retrain.";

    /// <summary>What is missing before the retraining can begin, as problem and remedy; <see langword="null"/> when nothing is.</summary>
    public async Task<(string Problem, string Remedy)?> FindMissingAsync(CancellationToken cancellationToken)
    {
        // Said first: labels and requests are of versions that were live.
        var live = await workspace.Models.FindByAliasAsync(plan.Name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        if (live is null) return (NothingLive, RunFirst);
        if (rule.Data.IncludesFeedback
            && (await workspace.MonitoringServices.Labels.CountAsync(
                plan.Name,
                cancellationToken).ConfigureAwait(false)).Labelled is var labelled
            && labelled < rule.MinimumFeedback)
        {
            return (
                $"{Prose.Count(labelled, "label")} {(labelled == 1 ? "has" : "have")} arrived for predictions of '{plan.Name}'; " +
                    $"a retraining needs {Prose.Count(rule.MinimumFeedback)}.",
                "Report labels with workspace.Monitor(…).LabelAsync(…), then retrain; or lower RetrainOn(…, minimumFeedback: …).");
        }

        // A challenger that would only be kept back is not trained.
        if (plan.Deployment?.Review is { } review
            && await review(services).FindMissingAsync(
                live, workspace.CreateDeploymentServices(services), cancellationToken).ConfigureAwait(false) is { } missing)
        {
            return ($"A challenger for '{plan.Name}' could not go live: {missing}.", "Retrain when more requests are recorded.");
        }

        return null;
    }

    public async Task<LifecyclePlan> PlanAsync(CancellationToken cancellationToken)
    {
        var champion = await workspace.Models.FindByAliasAsync(plan.Name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException(NothingLive, RunFirst);
        var run = await LabelColumn.FirstRunAsync(workspace, champion, cancellationToken).ConfigureAwait(false);
        var rows = run.OutputOf(LifecycleStage.Collection, CollectionStage.Rows);
        var schema = await workspace.Artifacts.ReadSchemaAsync(rows, cancellationToken).ConfigureAwait(false);
        var sources = new List<IDataSource>();
        if (rule.Data.IncludesOriginal) sources.Add(new SnapshotSource($"rows of run {run.Id}", rows, workspace.Artifacts));
        if (rule.Data.IncludesFeedback)
        {
            var pipeline = new ProcessingPipeline(plan.Processing!, services, [.. plan.Collection?.Personal.Keys ?? []]);
            await pipeline.LoadAsync(cancellationToken).ConfigureAwait(false);
            var label = pipeline.CollectedLabel(schema, plan.Problem!.Label)
                ?? throw new MlOpsException(
                    $"The label '{plan.Problem.Label}' is computed by a step of ProcessData, " +
                        "so reported labels cannot be written into the collected rows.",
                    "Collect a table that has the label, or retrain on RetrainingData.Original.");
            var original = await workspace.Artifacts.ReadRowsAsync(rows, cancellationToken).ConfigureAwait(false);
            var feedback = new FeedbackSource(
                plan.Name, workspace.MonitoringServices.Labels, original, label, plan.Problem.Task, InputsAsync);
            var columns = await feedback.SchemaAsync(cancellationToken).ConfigureAwait(false);
            if (!columns.Equals(schema)) sources = sources.ConvertAll<IDataSource>(source => new WidenedSource(source, columns));
            sources.Add(feedback);
        }

        var training = plan.Training!;
        if (!rule.SearchAgain)
        {
            using var package = await workspace.ReadPackageAsync(champion, cancellationToken).ConfigureAwait(false);
            if (training.OnlyWinner(package.Facts.Trainer, package.Facts.Parameters, services) is { } winner) training = winner;
            else ExecutionLog.SearchesAgain(
                workspace.Logger, plan.Name, champion.Version, package.Facts.Trainer ?? "none, it was imported");
        }

        return plan with
        {
            RetrainedFrom = champion.RunId,
            Collection = new CollectionPlan
            {
                Sources = [.. sources.Select(source => new CollectionStep(source.Name, _ => source, SourcePlan.All))]
            },
            Training = training
        };
    }

    /// <summary>
    /// Why the challenger was promoted or not; and that the labels changed nothing, where the split holds all of them out. The run has
    /// ended, so nothing cancels this.
    /// </summary>
    public async Task<string> ExplainAsync(LifecycleRun run)
    {
        var reason = run.Deployment?.Reason ?? "The model was trained.";
        if (!rule.Data.IncludesFeedback || run.Deployment is not { } deployment || run.Processing is not { } now) return reason;
        var live = await workspace.Models.FindByAliasAsync(plan.Name, ModelRegistry.Champion, CancellationToken.None).ConfigureAwait(false);
        if (live?.RunId is not { } first || first == run.Record.Id || live.ContentHash != deployment.ContentHash) return reason;
        var then = (await workspace.LifecycleRunAsync(first, CancellationToken.None).ConfigureAwait(false)).Processing;
        return then?.TrainRows != now.TrainRows ? reason
            : FormattableString.Invariant($"{reason} It has the same {now.TrainRows:N0} training rows as that version: ") +
                "the split holds out every row that was labelled since. To change that, label more rows or, with SplitByTime, use a " +
                "smaller " +
                "share or a fixed time.";
    }

    private async Task<Data.Schema> InputsAsync(int version, CancellationToken cancellationToken)
    {
        using var package = await workspace.ReadPackageAsync(
            await workspace.Models.GetAsync(plan.Name, version, cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return package.Graph.Input;
    }
}
