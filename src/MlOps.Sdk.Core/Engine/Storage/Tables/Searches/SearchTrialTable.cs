using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The settings that searches tried, with what came of them. The scores of the best of a run are kept until its stage has a result.
/// </summary>
internal static class SearchTrialTable
{
    /// <summary>How references to artifacts name the runs whose searches are not finished.</summary>
    public const string OwnerKind = "trial";

    private const int FingerprintsPerStatement = 500;
    private const string Columns =
        "t.trial AS Trial, r.id AS Run, t.fingerprint AS Fingerprint, t.result AS Result, t.scores AS Scores";

    /// <summary>Writes a trial of a run; one that is there stays.</summary>
    public static void Insert(DbConnection connection, long run, SearchTrialRow row) => connection.Execute(
        """
        INSERT INTO search_trials(run, trial, fingerprint, result, scores) VALUES (@run, @Trial, @Fingerprint, @Result, @Scores)
        ON CONFLICT (run, trial) DO NOTHING
        """,
        new { run, row.Trial, row.Fingerprint, row.Result, row.Scores });

    /// <summary>The trials of a run, in the order in which they ended.</summary>
    public static IReadOnlyList<SearchTrialRow> Read(DbConnection connection, string runId) => [.. connection.Query<SearchTrialRow>(
        $"SELECT {Columns} FROM runs r JOIN search_trials t ON t.run = r.no WHERE r.id = @runId ORDER BY t.no",
        new { runId })];

    /// <summary>The trials of a lifecycle's runs with some fingerprints, in the order in which they ended.</summary>
    public static IReadOnlyList<SearchTrialRow> Find(DbConnection connection, string lifecycle, IEnumerable<string> fingerprints) =>
    [
        .. fingerprints.Chunk(FingerprintsPerStatement).SelectMany(chunk => connection.Query<SearchTrialRow>(
            $"""
            SELECT {Columns} FROM search_trials t JOIN runs r ON r.no = t.run
            WHERE t.fingerprint IN @chunk AND r.lifecycle = @lifecycle ORDER BY t.no
            """,
            new { chunk, lifecycle })),
    ];

    /// <summary>Keeps the scores of one trial of a run, instead of those of any other.</summary>
    public static void KeepScores(DbConnection connection, long run, string runId, string trial, ArtifactId scores)
    {
        ForgetScores(connection, run, runId);
        connection.Execute(
            "UPDATE search_trials SET scores = @scores WHERE run = @run AND trial = @trial", new { run, trial, scores = scores.Hex });
        ArtifactRefTable.Add(connection, OwnerKind, runId, [scores]);
    }

    /// <summary>Lets the scores of a run's trials be collected.</summary>
    public static void ForgetScores(DbConnection connection, long run, string runId)
    {
        connection.Execute("UPDATE search_trials SET scores = NULL WHERE run = @run AND scores IS NOT NULL", new { run });
        ArtifactRefTable.Remove(connection, OwnerKind, runId);
    }

    /// <summary>The runs of a lifecycle that keep scores.</summary>
    public static IReadOnlyList<RunRow> RunsWithScores(DbConnection connection, string lifecycle) => [.. connection.Query<RunRow>(
        $"""
        SELECT {RunTable.Columns} FROM runs r
        WHERE r.no IN (SELECT run FROM search_trials WHERE scores IS NOT NULL) AND r.lifecycle = @lifecycle
        """,
        new { lifecycle })];
}
