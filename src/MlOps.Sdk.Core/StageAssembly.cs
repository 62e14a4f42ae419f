using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>Makes the stages of one run, and gives them what they need of earlier runs.</summary>
internal sealed class StageAssembly(Workspace workspace, LifecyclePlan plan, IServiceProvider services)
{
    public IReadOnlyList<IStage> Create()
    {
        var stages = new List<IStage>();
        if (plan.Problem is { } problem) stages.Add(new ProblemStage(problem));
        if (plan.Collection is { } collection) stages.Add(new CollectionStage(collection, FindEarlierCollectionAsync));
        if (plan.Processing is { } processing)
        {
            stages.Add(new ProcessingStage(processing, [.. plan.Collection?.Personal.Keys ?? []], ReadSealedRowsAsync, services));
        }
        var metrics = plan.Metrics?.Invoke(services);
        if (metrics is not null) stages.Add(new MetricsStage(metrics));
        if (plan.Exploration is { } exploration) stages.Add(new ExplorationStage(exploration, services));
        var features = plan.Features is null ? null : RecordWhatDecidesTheSplit(plan.Features);
        if (features is not null) stages.Add(new FeatureStage(features, services));
        if (plan.Training is { } training)
        {
            stages.Add(new TrainingStage(training, metrics!, features!, workspace.Options.TrainingThreads, services));
        }
        if (plan.Deployment is { } deployment)
        {
            // What is monitored is compared with the holdout, so it is evaluated there, too.
            var evaluated = metrics!.Reporting(plan.Monitoring?.Metrics ?? []);
            stages.Add(new DeploymentStage(deployment, evaluated, workspace.CreateDeploymentServices(services)));
        }
        if (plan.Monitoring is { } monitoring)
        {
            var isReceived = plan.Deployment is null && monitoring.Elsewhere is null;
            stages.Add(new MonitoringStage(monitoring, services)
            {
                Received = isReceived ? new ReceivedModel(FindLiveAsync, workspace.ReadPackageAsync) : null,
            });
        }
        return stages;
    }

    private Task<ModelVersion?> FindLiveAsync(CancellationToken cancellationToken) =>
        workspace.Models.FindByAliasAsync(plan.Name, ModelRegistry.Champion, cancellationToken);

    // Retrainings collect other rows than their lifecycle does.
    private async Task<EarlierCollection?> FindEarlierCollectionAsync(CancellationToken cancellationToken)
    {
        if (await workspace.Runs.FindLastSucceededAsync(
            plan.Name, LifecycleStage.Collection, null, cancellationToken).ConfigureAwait(false) is not { } last)
        {
            return null;
        }
        var saved = last.OutputOf(LifecycleStage.Collection, CollectionStage.Summary);
        var summary = StoredRecord.ReadJson(
            $"the collection of run '{last.Id}'",
            await workspace.Artifacts.ReadAllAsync(saved, cancellationToken).ConfigureAwait(false),
            CollectionJson.Default.CollectionSummary);
        return new EarlierCollection(last.Id, last.OutputOf(LifecycleStage.Collection, CollectionStage.Rows), summary);
    }

    // What any run of the lifecycle was judged on: the ledger names the keys.
    private async Task<SealedRows> ReadSealedRowsAsync(CancellationToken cancellationToken)
    {
        var sets = new List<RowKeySet>();
        var lost = new Dictionary<ArtifactId, string>();
        foreach (var keys in (await workspace.Holdout.ListAuditedAsync(plan.Name, cancellationToken).ConfigureAwait(false))
            .Select(look => ArtifactId.Parse(look.RowsHash))
            .Distinct())
        {
            var (bytes, loss) = await workspace.Artifacts.TryReadAllAsync(keys, cancellationToken).ConfigureAwait(false);
            if (loss is null) sets.Add(RowKeySet.Read(bytes));
            else lost[keys] = loss;
        }
        return new SealedRows(sets, lost);
    }

    // Feedback rows must keep their side of the split, so the columns that decide it are recorded with every prediction.
    private FeaturePlan RecordWhatDecidesTheSplit(FeaturePlan features)
    {
        if (plan.Monitoring?.Rules.Any(rule => rule.Data.IncludesFeedback) != true || plan.Processing is null) return features;
        var splitter = plan.Processing.Splitter(services);
        IEnumerable<string> deciding = splitter.Folds.Column is { } time ? [.. splitter.Key, time] : splitter.Key;
        return features with { Recorded = [.. features.Recorded.Union(deciding)] };
    }
}
