using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Finds the column of the collected rows that a retraining puts labels into. Thread-safe.</summary>
/// <param name="workspace">The workspace of the model.</param>
/// <param name="plan">The lifecycle.</param>
/// <param name="services">The application's services; <see langword="null"/> for none.</param>
internal sealed class LabelColumn(Workspace workspace, LifecyclePlan plan, IServiceProvider? services)
{
    private Found? _found;
    private string? _unread;

    /// <summary>The run whose rows a model began with: the rows of a retraining hold feedback already.</summary>
    public static async Task<RunRecord> FirstRunAsync(Workspace workspace, ModelVersion champion, CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.GetAsync(champion.RunId!, cancellationToken).ConfigureAwait(false);
        while (run.ParentRun is { } parent) run = await workspace.Runs.GetAsync(parent, cancellationToken).ConfigureAwait(false);
        return run;
    }

    /// <summary>The column; <see langword="null"/> when nothing is live, its rows are no longer kept, or a step makes the label.</summary>
    public async Task<Field?> FindAsync(CancellationToken cancellationToken)
    {
        if (plan.Problem is not { } problem
            || plan.Processing is not { } processing
            || await workspace.Models.FindByAliasAsync(
                plan.Name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is not { RunId: { } runId } champion)
        {
            return null;
        }

        if (Volatile.Read(ref _found) is { } found && found.Run == runId) return found.Column;
        try
        {
            return await FindAsync(champion, processing, problem, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            // A label is no worse because the rows, or what they are joined with, cannot be read now. Said once, not for each label.
            if (Interlocked.Exchange(ref _unread, runId) != runId)
            {
                MonitoringLog.LabelsUnchecked(workspace.Logger, plan.Name, runId, e);
            }
            return null;
        }
    }

    private async Task<Field?> FindAsync(
        ModelVersion champion, ProcessingPlan processing, ProblemDefinition problem, CancellationToken cancellationToken)
    {
        var run = await FirstRunAsync(workspace, champion, cancellationToken).ConfigureAwait(false);
        var rows = run.OutputOf(LifecycleStage.Collection, CollectionStage.Rows);
        if (!await workspace.Artifacts.ExistsAsync(rows, cancellationToken).ConfigureAwait(false)) return null;
        var schema = await workspace.Artifacts.ReadSchemaAsync(rows, cancellationToken).ConfigureAwait(false);
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            var pipeline = new ProcessingPipeline(processing, scope, [.. plan.Collection?.Personal.Keys ?? []]);
            await pipeline.LoadAsync(cancellationToken).ConfigureAwait(false);
            var name = pipeline.CollectedLabel(schema, problem.Label);
            var column = name is null ? null : LabelCheck.ColumnOf(schema[name], problem.Task);
            Volatile.Write(ref _found, new Found(champion.RunId!, column));
            return column;
        }
    }

    private sealed record Found(string Run, Field? Column);
}
