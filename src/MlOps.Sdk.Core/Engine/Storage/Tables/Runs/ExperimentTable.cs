using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What is logged into runs beside parameters and metrics: tags, notes, artifacts, datasets, and the environment.</summary>
internal static class ExperimentTable
{
    public static void SetTag(DbConnection connection, long run, string name, string value) => connection.Execute(
        """
        INSERT INTO run_tags(run, name, value) VALUES (@run, @name, @value)
        ON CONFLICT (run, name) DO UPDATE SET value = excluded.value
        """,
        new { run, name, value });

    public static bool RemoveTag(DbConnection connection, long run, string name) =>
        connection.Execute("DELETE FROM run_tags WHERE run = @run AND name = @name", new { run, name }) == 1;

    public static void AddNote(DbConnection connection, long run, RunNoteRow note) => connection.Execute(
        "INSERT INTO run_notes(run, at, actor, text) VALUES (@run, @At, @Actor, @Text)", new { run, note.At, note.Actor, note.Text });

    public static IReadOnlyList<RunNoteRow> Notes(DbConnection connection, long run) => [.. connection.Query<RunNoteRow>(
        "SELECT at AS At, actor AS Actor, text AS Text FROM run_notes WHERE run = @run ORDER BY no", new { run })];

    /// <summary>Writes an artifact, over one of the same name.</summary>
    public static void PutArtifact(DbConnection connection, long run, RunArtifactRow artifact) => connection.Execute(
        """
        INSERT INTO run_artifacts(run, name, artifact, length, at) VALUES (@run, @Name, @Artifact, @Length, @At)
        ON CONFLICT (run, name) DO UPDATE SET artifact = excluded.artifact, length = excluded.length, at = excluded.at
        """,
        new { run, artifact.Name, artifact.Artifact, artifact.Length, artifact.At });

    public static IReadOnlyList<RunArtifactRow> Artifacts(DbConnection connection, long run) => [.. connection.Query<RunArtifactRow>(
        "SELECT name AS Name, artifact AS Artifact, length AS Length, at AS At FROM run_artifacts WHERE run = @run ORDER BY name",
        new { run })];

    /// <summary>Writes a dataset, over one of the same name and role.</summary>
    public static void PutDataset(DbConnection connection, long run, RunDatasetRow dataset) => connection.Execute(
        """
        INSERT INTO run_datasets(run, name, role, rows, hash, columns) VALUES (@run, @Name, @Role, @Rows, @Hash, @Columns)
        ON CONFLICT (run, name, role) DO UPDATE SET rows = excluded.rows, hash = excluded.hash, columns = excluded.columns
        """,
        new { run, dataset.Name, dataset.Role, dataset.Rows, dataset.Hash, dataset.Columns });

    /// <summary>The number of an environment, which many runs share.</summary>
    public static long EnvironmentOf(DbConnection connection, string json) =>
        connection.ExecuteScalar<long?>("SELECT no FROM environments WHERE facts = @json", new { json })
        ?? connection.ExecuteScalar<long>("INSERT INTO environments(facts) VALUES (@json) RETURNING no", new { json });

    /// <summary>The number of a run's environment.</summary>
    public static long? EnvironmentNumber(DbConnection connection, long run) =>
        connection.ExecuteScalar<long?>("SELECT environment FROM runs WHERE no = @run", new { run });

    public static string? Environment(DbConnection connection, long run) => connection.QueryFirstOrDefault<string>(
        "SELECT e.facts FROM runs r JOIN environments e ON e.no = r.environment WHERE r.no = @run", new { run });

    public static IReadOnlyList<string> Children(DbConnection connection, string runId) => [.. connection.Query<string>(
        "SELECT id FROM runs WHERE parent_run = @runId ORDER BY no", new { runId })];
}
