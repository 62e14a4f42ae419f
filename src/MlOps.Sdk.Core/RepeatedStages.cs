using MlOps.Sdk.Execution;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Finds which recorded results a run takes that repeats stages of another one, or of itself.</summary>
/// <param name="workspace">The workspace of the runs.</param>
/// <param name="lifecycle">The lifecycle.</param>
/// <param name="stages">Its stages.</param>
internal sealed class RepeatedStages(Workspace workspace, string lifecycle, IReadOnlyList<IStage> stages)
{
    /// <summary>One stage on the results of a run.</summary>
    /// <exception cref="MlOpsException">The run is in progress or has not what the stage reads.</exception>
    public async Task<(RunRecord Run, StageScope Scope)> OneAsync(
        string runId, LifecycleStage stage, CancellationToken cancellationToken)
    {
        var run = await GetAsync(runId, "Name a run of this lifecycle.", cancellationToken).ConfigureAwait(false);
        Require(stage);
        if (run.State == RunState.Running)
        {
            throw new MlOpsException($"The run '{runId}' is in progress: its results are not complete.", "Wait for its end.");
        }
        if (IsRetraining(run) && stage == LifecycleStage.Collection)
        {
            throw new MlOpsException(
                $"The run '{runId}' is a retraining, which collected other rows than the lifecycle does.",
                "Repeat a later stage of it, or the stage of another run.");
        }

        var taken = stages.Where(each => each.Kind < stage).ToDictionary(each => each.Kind, _ => run);
        var scope = await ScopeAsync(taken, stage, stage, isComplete: false, cancellationToken).ConfigureAwait(false);
        return (run, scope with { Reason = $"it is repeated on the results of run {runId}" });
    }

    /// <summary>The rest of a run, or all of it from a stage on.</summary>
    /// <returns>
    /// The run, whether it goes on under its own id, the stage from which its record begins again, and what is computed of it.
    /// </returns>
    /// <exception cref="MlOpsException">The run cannot be resumed, or not from that stage.</exception>
    public async Task<(RunRecord Run, bool GoesOn, LifecycleStage? From, StageScope Scope)> RestAsync(
        string runId, LifecycleStage? from, bool reuse, CancellationToken cancellationToken)
    {
        var run = await GetAsync(runId, "Resume it with its own lifecycle.", cancellationToken).ConfigureAwait(false);
        if (IsRetraining(run))
        {
            throw new MlOpsException(
                $"The run '{runId}' is a retraining.",
                "Call RetrainAsync again: finished stages are reused. One whose version people were asked about can be resumed as a " +
                    "whole, or from stage Deployment.");
        }
        if (from is { } asked) Require(asked);

        // Who takes the run says that it is in progress, and where.
        if (run.State is RunState.Running or RunState.NothingNew || (from is null && (run.FromStage is null || HasSucceeded(run))))
        {
            return (run, true, null, new StageScope { Reuse = reuse });
        }
        if (HasSucceeded(run))
        {
            var again = await ScopeAsync(
                Taken(run, from!.Value, run), from.Value, null, isComplete: true, cancellationToken).ConfigureAwait(false);
            return (run, false, from, again with { Reuse = reuse, Reason = $"it is repeated on the results of run {runId}" });
        }
        if (run.FromStage is not { } first)
        {
            var rest = await ScopeAsync(
                Taken(run, from!.Value, run), from.Value, null, isComplete: true, cancellationToken).ConfigureAwait(false);
            return (run, true, from, rest with { Reuse = reuse, Reason = $"the run was resumed from stage {from}" });
        }
        if (from < first)
        {
            throw new MlOpsException(
                $"The run '{runId}' began with stage {first}: the results before are those of run '{run.ResultsFrom}'.",
                $"Resume it from stage {first} or a later one, or run '{run.ResultsFrom}' from stage {from}.");
        }

        // What it was made for must be computed in it, unless it was.
        var last = run.Stages[^1].Stage;
        var next = from
            ?? run.Stages.FirstOrDefault(stage => stage.Stage >= first && stage.State != StageState.Succeeded)?.Stage
            ?? last;
        var origin = await GetAsync(run.ResultsFrom!, "Run the lifecycle again.", cancellationToken).ConfigureAwait(false);
        var scope = await ScopeAsync(
            Taken(origin, first, run, next), next, last, isComplete: last != first, cancellationToken).ConfigureAwait(false);
        var reason = from is null ? "it had not finished when the run was resumed" : $"the run was resumed from stage {from}";
        return (run, true, next, scope with { Reuse = reuse, Reason = reason });
    }

    /// <summary>
    /// The rest of a run whose version people were asked about. Days may have passed: the rows, the code and the library may be others by
    /// now, and nobody approved what they would make. So what the version was made of is taken as it is.
    /// </summary>
    /// <param name="runId">The run, which is one of this lifecycle.</param>
    /// <param name="from">Stage Deployment, where it is to run again also when nothing changed; <see langword="null"/> otherwise.</param>
    /// <param name="reuse">Whether results of earlier runs are taken where nothing changed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">A result that the stages read which are still to come is missing or lost.</exception>
    public async Task<StageScope> AwaitedAsync(
        string runId, LifecycleStage? from, bool reuse, CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        LifecycleStage? last = run.FromStage is null ? null : run.Stages[^1].Stage;
        var read = stages
            .Where(stage => stage.Kind >= LifecycleStage.Deployment && (last is null || stage.Kind <= last))
            .SelectMany(stage => stage.Inputs)
            .ToHashSet();
        var taken = new Dictionary<LifecycleStage, TakenStage>();
        var skipped = new Dictionary<LifecycleStage, string>();
        foreach (var kind in stages.Select(stage => stage.Kind).Where(kind => kind < LifecycleStage.Deployment))
        {
            switch (run.Stages.FirstOrDefault(record => record.Stage == kind))
            {
                case null:
                    skipped[kind] = "the lifecycle did not have it when the version was made";
                    break;
                case { State: StageState.Skipped } record:
                    skipped[kind] = record.Reason ?? "";
                    break;
                case { State: StageState.Succeeded or StageState.Reused } record:
                    var outputs = await FindOutputsAsync(run.Id, record, read, cancellationToken).ConfigureAwait(false);
                    taken[kind] = new TakenStage(run.Id, record.Fingerprint, outputs);
                    break;
                default:
                    throw new MlOpsException(
                        $"The run '{run.Id}' has no result of stage {kind}, which the awaited version was made of.",
                        $"Resume it from stage {kind}, which makes another version, or run the lifecycle again.");
            }
        }

        return new StageScope
        {
            Reuse = reuse,
            From = from,
            Last = last,
            Reason = from is null ? "" : $"the run was resumed from stage {from}",
            Taken = taken,
            Skipped = skipped,
        };
    }

    /// <summary>Whether a run is a retraining, which collects other rows than the lifecycle does.</summary>
    public static bool IsRetraining(RunRecord run) => run is { ParentRun: not null, FromStage: null };

    /// <summary>
    /// Whether stages before the deployment are still to be computed: the run was resumed from one of them, and makes another version than
    /// people were asked about.
    /// </summary>
    public static bool MakesAnother(RunRecord run) => run.Stages.Any(
        stage => stage.Stage < LifecycleStage.Deployment
            && stage.State is not (StageState.Succeeded or StageState.Reused or StageState.Skipped));

    private static bool HasSucceeded(RunRecord run) => run.State == RunState.Succeeded;

    private Dictionary<LifecycleStage, RunRecord> Taken(
        RunRecord before, LifecycleStage first, RunRecord run, LifecycleStage? next = null) => stages
        .Where(stage => stage.Kind < (next ?? first))
        .ToDictionary(stage => stage.Kind, stage => stage.Kind < first ? before : run);

    private async Task<StageScope> ScopeAsync(
        Dictionary<LifecycleStage, RunRecord> sources,
        LifecycleStage from,
        LifecycleStage? last,
        bool isComplete,
        CancellationToken cancellationToken)
    {
        var read = stages
            .Where(stage => stage.Kind >= from && (last is null || stage.Kind <= last))
            .SelectMany(stage => stage.Inputs)
            .ToHashSet();
        var taken = new Dictionary<LifecycleStage, TakenStage>();
        var skipped = new Dictionary<LifecycleStage, string>();
        foreach (var (stage, run) in sources)
        {
            if (run.Stages.FirstOrDefault(each => each.Stage == stage) is { State: StageState.Succeeded or StageState.Reused } record)
            {
                var outputs = await FindOutputsAsync(run.Id, record, read, cancellationToken).ConfigureAwait(false);
                taken[stage] = new TakenStage(run.Id, record.Fingerprint, outputs);
            }
            else if (isComplete)
            {
                throw new MlOpsException(
                    $"The run '{run.Id}' has no result of stage {stage}, which comes before {from}.", $"Resume it from stage {stage}.");
            }
            else if (read.Any(input => input.Stage == stage))
            {
                throw new MlOpsException(
                    $"The run '{run.Id}' has no result of stage {stage}, which stage {from} reads.",
                    $"Name a run that has one, or resume this one from stage {stage}.");
            }
            else skipped[stage] = $"run {run.Id} has no result of it, and stage {from} does not read it";
        }

        return new StageScope { From = from, Last = last, Taken = taken, Skipped = skipped };
    }

    // What is lost and not read is left out.
    private async Task<IReadOnlyDictionary<string, ArtifactId>> FindOutputsAsync(
        string runId, StageRecord record, HashSet<StageInput> read, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, ArtifactId>(StringComparer.Ordinal);
        foreach (var (name, id) in record.Outputs)
        {
            if (await workspace.Artifacts.FindLossAsync(id, cancellationToken).ConfigureAwait(false) is not { } loss)
            {
                found[name] = id;
            }
            else if (read.Contains(new StageInput(record.Stage, name)))
            {
                throw new MlOpsException(
                    $"The result of stage {record.Stage} of run '{runId}' is gone: its output '{name}' is lost: {loss}",
                    "Its snapshots may have been released. Resume the run from an earlier stage, or run the lifecycle again.");
            }
        }

        return found;
    }

    /// <summary>Reads a run of this lifecycle.</summary>
    /// <exception cref="MlOpsException">There is no such run, or it is another one's.</exception>
    public async Task<RunRecord> GetAsync(string runId, string remedy, CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        return run.Lifecycle == lifecycle && run.Kind == RunKind.Lifecycle
            ? run
            : throw new MlOpsException(
                run.Lifecycle == lifecycle
                    ? $"The run '{runId}' is of kind {run.Kind}, not one of a lifecycle."
                    : $"The run '{runId}' is one of '{run.Lifecycle}', not of '{lifecycle}'.",
                run is { Kind: RunKind.Trial or RunKind.Fold, ParentRun: { } parent }
                    ? $"Name the run that it belongs to: {parent}."
                    : remedy);
    }

    private void Require(LifecycleStage stage)
    {
        if (stages.Any(each => each.Kind == stage)) return;
        throw new MlOpsException(
            $"'{lifecycle}' has no stage {stage}.", $"Its stages are {string.Join(", ", stages.Select(each => each.Kind))}.");
    }
}
