using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Runs that leave for another workspace, or come from one.</summary>
internal static class RunTransferTable
{
    private const int RunsPerStatement = 500;

    /// <summary>The ids of all runs, the newest first.</summary>
    public static IReadOnlyList<string> All(DbConnection connection) =>
        [.. connection.Query<string>("SELECT id FROM runs ORDER BY no DESC")];

    /// <summary>Some runs and those that belong to them, to any depth, the newest first.</summary>
    public static IReadOnlyList<string> WithChildren(DbConnection connection, IReadOnlyCollection<string> ids)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        for (IReadOnlyList<(string Id, long No)> next = Find(connection, "id", ids); next.Count > 0;)
        {
            string[] added = [.. next.Where(run => found.TryAdd(run.Id, run.No)).Select(run => run.Id)];
            next = Find(connection, "parent_run", added);
        }

        return [.. found.OrderByDescending(run => run.Value).Select(run => run.Key)];
    }

    /// <summary>
    /// Some runs and those that belong to them, as above, and whatever their leaderboards are from: trials and searches of other runs that
    /// they took over.
    /// </summary>
    public static IReadOnlyList<string> WithSearches(DbConnection connection, IReadOnlyCollection<string> ids)
    {
        for (var found = WithChildren(connection, ids); ;)
        {
            var known = found.ToHashSet(StringComparer.Ordinal);
            string[] others = [.. found.Chunk(RunsPerStatement).SelectMany(some => TakenOver(connection, some)).Where(known.Add)];
            if (others.Length == 0) return found;

            // What is not here any more is not found.
            var more = WithChildren(connection, [.. found, .. others]);
            if (more.Count == found.Count) return found;
            found = more;
        }
    }

    /// <summary>What some runs are, and of which run they are part.</summary>
    public static IReadOnlyList<(string Id, string Kind, string? Parent)> Places(
        DbConnection connection, IReadOnlyCollection<string> ids) =>
    [
        .. ids.Chunk(RunsPerStatement).SelectMany(some => connection.Query<(string, string, string?)>(
            "SELECT id, kind, parent_run FROM runs WHERE id IN @some", new { some })),
    ];

    /// <summary>The ids of the parts of a run that are of a kind, the oldest first.</summary>
    public static IReadOnlyList<string> Parts(DbConnection connection, string parent, string kind) =>
        [.. connection.Query<string>("SELECT id FROM runs WHERE parent_run = @parent AND kind = @kind ORDER BY no", new { parent, kind })];

    private static IEnumerable<string> TakenOver(DbConnection connection, IReadOnlyList<string> some) => connection.Query<string?>(
        """
        SELECT t.trial FROM search_trials t JOIN runs r ON r.no = t.run WHERE r.id IN @some
        UNION
        SELECT coalesce(x.run_id, (
            SELECT o.id FROM runs o JOIN run_stages m ON m.run = o.no
            WHERE o.lifecycle = r.lifecycle AND m.stage = s.stage AND m.fingerprint = s.fingerprint AND m.state = 'Succeeded'
            ORDER BY o.no DESC LIMIT 1))
        FROM runs r JOIN run_stages s ON s.run = r.no
        LEFT JOIN stage_results x ON x.lifecycle = r.lifecycle AND x.stage = s.stage AND x.fingerprint = s.fingerprint
        WHERE r.id IN @some AND s.stage = @training AND s.state = 'Reused'
        """,
        new { some, training = (int)LifecycleStage.Training }).OfType<string>();

    /// <summary>
    /// Adds a run of another workspace before all that are there: what is the latest run of a lifecycle stays it. It has ended.
    /// </summary>
    /// <returns>Its number.</returns>
    public static long Insert(DbConnection connection, RunRow row)
    {
        var no = RunTable.Insert(connection, row);
        return connection.ExecuteScalar<long>(
            """
            UPDATE runs SET no = first.no, end_no = first.no
            FROM (SELECT min(0, coalesce(min(no), 0)) - 1 AS no FROM runs) first
            WHERE runs.no = @no RETURNING no
            """,
            new { no });
    }

    /// <summary>Says whose results a run of another workspace took, and with which stage it began, where that is not known yet.</summary>
    public static void Complete(DbConnection connection, long run, string? resultsOf, int? fromStage) => connection.Execute(
        """
        UPDATE runs SET results_of = coalesce(results_of, @resultsOf), from_stage = coalesce(from_stage, @fromStage) WHERE no = @run
        """,
        new { run, resultsOf, fromStage });

    /// <summary>The notes of a run that has none of the same words by the same person at the same time are added.</summary>
    /// <returns>How many were added.</returns>
    public static int AddNotes(DbConnection connection, long run, IEnumerable<RunNoteRow> notes) => notes.Count(note =>
    {
        if (ExperimentTable.Notes(connection, run).Contains(note)) return false;
        ExperimentTable.AddNote(connection, run, note);
        return true;
    });

    private static IReadOnlyList<(string Id, long No)> Find(DbConnection connection, string column, IReadOnlyCollection<string> ids) =>
    [
        .. ids.Chunk(RunsPerStatement).SelectMany(some => connection.Query<(string, long)>(
            $"SELECT id, no FROM runs WHERE {column} IN @some", new { some })),
    ];
}
