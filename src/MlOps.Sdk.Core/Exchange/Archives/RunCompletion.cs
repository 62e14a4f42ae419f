using System.Data.Common;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// What an archive has of a run beyond what an import of format 1 wrote. Only runs that came from another workspace are completed: what a
/// workspace recorded itself stays.
/// </summary>
internal sealed record RunCompletion
{
    /// <summary>In which of these parts the runs differ; <see langword="null"/> when they do not.</summary>
    public string? Difference { get; private init; }

    private bool HasFacts { get; init; }

    private IReadOnlyList<RunLogRow> Log { get; init; } = [];

    private long Dropped { get; init; }

    private IReadOnlyList<ArchivedTrial> Trials { get; init; } = [];

    public bool IsEmpty => !HasFacts && Log.Count == 0 && Dropped == 0 && Trials.Count == 0;

    public static RunCompletion Find(DbConnection connection, ArchivedRun here, RunParts parts)
    {
        var run = parts.Run;
        var row = RunTable.Find(connection, here.Id)!;
        var isImported = row.OwnerToken.Length == 0;
        if (Differs(here.ResultsOf, run.ResultsOf) || Differs(here.FromStage, run.FromStage))
        {
            return new RunCompletion { Difference = "the run whose results it took" };
        }
        if (Differs(here.Starter, run.Starter)) return new RunCompletion { Difference = "who started it" };
        if (!isImported) return new RunCompletion();

        var logged = RunLogTable.Marks(connection, row.No).Select(mark => mark.No).ToHashSet();
        var tried = SearchTrialTable.Read(connection, here.Id).Select(trial => trial.Trial).ToHashSet(StringComparer.Ordinal);
        return new RunCompletion
        {
            HasFacts = (here.ResultsOf, here.FromStage, here.Starter) is var own
                && own != (run.ResultsOf ?? own.ResultsOf, run.FromStage ?? own.FromStage, run.Starter ?? own.Starter),
            Log = [.. parts.Log.Where(entry => !logged.Contains(entry.No)).Select(RunArchiving.ToRow)],
            Dropped = Math.Max(0, (run.LogDropped ?? 0) - (here.LogDropped ?? 0)),
            Trials = [.. parts.Trials.Where(trial => !tried.Contains(trial.Trial))],
        };

        // What an archive does not say is not known there.
        bool Differs<T>(T? own, T? other) =>
            other is not null && (own is null ? !isImported : !EqualityComparer<T>.Default.Equals(own, other));
    }

    /// <summary>Adds what is missing. Called under the write lock.</summary>
    public void Write(DbConnection connection, long no, ArchivedRun run, DateTimeOffset at, string importer)
    {
        if (HasFacts)
        {
            RunTransferTable.Complete(connection, no, run.ResultsOf, run.FromStage);
            if (run.Starter is { } starter) AuditedWork.Import(connection, at, run.Id, starter, run.StartedAt, importer);
        }
        RunLogTable.Write(connection, no, Log, [], [], Dropped);
        RunArchiving.Insert(connection, no, Trials);
    }
}
