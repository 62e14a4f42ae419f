using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>The logs of runs.</summary>
internal static class RunLogTable
{
    private const string Columns =
        "no AS No, at AS At, level AS Level, event AS Event, event_name AS EventName, category AS Category, stage AS Stage, " +
        "message AS Message, exception_type AS ExceptionType, exception AS Exception, size AS Size";

    /// <summary>Adds messages, takes out those that have lost their place, and counts what was dropped.</summary>
    public static void Write(
        DbConnection connection,
        long run,
        IReadOnlyList<RunLogRow> added,
        IReadOnlyList<long> removed,
        IReadOnlyList<(long After, long Before)> gaps,
        long dropped)
    {
        foreach (var row in added)
        {
            connection.Execute(
                """
                INSERT INTO run_log(run, no, at, level, event, event_name, category, stage, message, exception_type, exception, size)
                VALUES (@run, @No, @At, @Level, @Event, @EventName, @Category, @Stage, @Message, @ExceptionType, @Exception, @Size)
                ON CONFLICT (run, no) DO NOTHING
                """,
                new
                {
                    run, row.No, row.At, row.Level, row.Event, row.EventName, row.Category, row.Stage, row.Message, row.ExceptionType,
                    row.Exception, row.Size,
                });
        }

        // SQLite takes 32,766 parameters at most.
        foreach (var some in removed.Chunk(10_000))
        {
            connection.Execute("DELETE FROM run_log WHERE run = @run AND no IN @some", new { run, some });
        }
        foreach (var (after, before) in gaps)
        {
            connection.Execute("DELETE FROM run_log WHERE run = @run AND no > @after AND no < @before", new { run, after, before });
        }
        if (dropped == 0) return;
        connection.Execute(
            """
            INSERT INTO run_log_drops(run, dropped) VALUES (@run, @dropped)
            ON CONFLICT (run) DO UPDATE SET dropped = run_log_drops.dropped + excluded.dropped
            """,
            new { run, dropped });
    }

    /// <summary>Reads a page of messages, in the order in which they were logged.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="run">The run.</param>
    /// <param name="after">Only those behind this number.</param>
    /// <param name="level">Only those of at least this level.</param>
    /// <param name="stage">Only those of this stage; <see langword="null"/> for all.</param>
    /// <param name="limit">At most so many.</param>
    public static IReadOnlyList<RunLogRow> Read(DbConnection connection, long run, long after, int level, int? stage, int limit) =>
    [
        .. connection.Query<RunLogRow>(
            $"""
            SELECT {Columns} FROM run_log
            WHERE run = @run AND no > @after AND level >= @level {(stage is null ? "" : "AND stage = @stage")}
            ORDER BY no LIMIT @limit
            """,
            new { run, after, level, stage, limit }),
    ];

    /// <summary>Reads the first and the last messages, in the order in which they were logged.</summary>
    public static IReadOnlyList<RunLogRow> Edges(DbConnection connection, long run, int first, int last)
    {
        var head = Read(connection, run, 0, 0, null, first);
        var tail = connection.Query<RunLogRow>(
            $"SELECT {Columns} FROM run_log WHERE run = @run AND no > @after ORDER BY no DESC LIMIT @last",
            new { run, after = head.Count == 0 ? 0 : head[^1].No, last });
        return [.. head, .. tail.Reverse()];
    }

    /// <summary>The number, level and size of every message, in the order in which they were logged.</summary>
    public static IReadOnlyList<(long No, int Level, int Size)> Marks(DbConnection connection, long run) =>
        [.. connection.Query<(long, int, int)>("SELECT no, level, size FROM run_log WHERE run = @run ORDER BY no", new { run })];

    /// <summary>How many messages a run has.</summary>
    public static long Count(DbConnection connection, long run) =>
        connection.ExecuteScalar<long>("SELECT count(*) FROM run_log WHERE run = @run", new { run });

    /// <summary>How many messages a run had that were dropped.</summary>
    public static long Dropped(DbConnection connection, long run) =>
        connection.ExecuteScalar<long?>("SELECT dropped FROM run_log_drops WHERE run = @run", new { run }) ?? 0;
}
