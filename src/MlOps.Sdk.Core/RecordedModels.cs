using System.Collections.Concurrent;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>What monitoring needs of registered versions and of the runs that evaluated them. Thread-safe.</summary>
internal sealed class RecordedModels(Workspace workspace)
{
    private const int LatestRuns = 50;
    private const int Most = 64;

    // A version never changes, and its package is large.
    private readonly ConcurrentDictionary<(string Model, int Version), RecordedModel> _known = new();

    /// <summary>What is known of a version; <see langword="null"/> when its package cannot be read here.</summary>
    public async Task<RecordedModel?> FindAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((model, version), out var known)) return known;
        try
        {
            using var package = await workspace.ReadPackageAsync(
                await workspace.Models.GetAsync(model, version, cancellationToken).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            if (_known.Count >= Most) _known.Clear();
            return _known.GetOrAdd((model, version), RecordedModel.Of(model, version, package));
        }
        catch (MlOpsException)
        {
            // Whoever serves the version says that it is lost, or which reader it needs.
            return null;
        }
    }

    /// <summary>
    /// The newest evaluation of what a version predicts with: a lifecycle that got another metric evaluates the live version again, and
    /// does not register it again.
    /// </summary>
    public async Task<ReleasedEvaluation?> FindEvaluationAsync(RecordedModel model, CancellationToken cancellationToken)
    {
        foreach (var run in await workspace.Runs.ListAsync(
            model.Model, limit: LatestRuns, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (await ReadAsync(run, cancellationToken).ConfigureAwait(false) is { } report && report.ContentHash == model.ContentHash)
            {
                return new ReleasedEvaluation(report.Holdout, report.HoldoutRows);
            }
        }

        return null;
    }

    private async Task<DeploymentReport?> ReadAsync(RunRecord run, CancellationToken cancellationToken)
    {
        if (run.Stages.FirstOrDefault(record => record.Stage == LifecycleStage.Deployment)?.Outputs.TryGetValue(
            DeploymentStage.Report, out var id) != true)
        {
            return null;
        }
        var (bytes, loss) = await workspace.Artifacts.TryReadAllAsync(id, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return null;
        try
        {
            return JsonSerializer.Deserialize(bytes, DeploymentJson.Default.DeploymentReport);
        }
        catch (JsonException)
        {
            // A report that is damaged is no reason not to look at the next one.
            return null;
        }
    }
}
