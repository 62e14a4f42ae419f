using System.Diagnostics;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Benchmarks.Writers;

/// <summary>One process of the side-by-side: each of its writers writes row after row without a pause, until the time is over.</summary>
internal sealed class WriterProcess(string folder, int process, WriterVariant variant, Scoreboard scores)
{
    public const int Writers = 16;

    private const string Sql = """
        INSERT INTO benchmark_writes(process, writer, number, text)
        VALUES (@process, @writer, @number, 'about as long as an entry of the audit log: who did what, to what, when, and why it was done')
        """;

    public static string DatabaseIn(string folder) => Path.Combine(folder, "mlops.db");

    public async Task RunAsync(TimeSpan duration)
    {
        var store = await RelationalStore.OpenAsync(DatabaseIn(folder), TimeProvider.System, NullLogger.Instance).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            // The store's writer has one connection for as long as it lives.
            if (variant is { IsShared: true, BusyTimeout: { } wait })
                await store.WriteAsync(connection => SqliteFile.Execute(connection, $"PRAGMA busy_timeout = {wait}")).ConfigureAwait(false);

            // The first write of a process compiles what it runs, and is not counted.
            await store.WriteAsync(connection => Insert(connection, writer: -1, number: 0)).ConfigureAwait(false);
            Console.WriteLine("ready");
            Console.ReadLine();
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                using var own = variant.IsShared ? null : Open();
                for (var number = 1L; Stopwatch.GetElapsedTime(started) < duration; number++)
                    await WriteAsync(writer, number, own, store).ConfigureAwait(false);
            }))).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(int writer, long number, SqliteConnection? own, RelationalStore store)
    {
        var slot = (process * Writers) + writer;
        while (true)
        {
            var asked = Stopwatch.GetTimestamp();
            try
            {
                if (own is null) await store.WriteAsync(connection => Insert(connection, writer, number)).ConfigureAwait(false);
                else Write(own, writer, number);
                scores.Acknowledge(slot, number, Stopwatch.GetElapsedTime(asked));
                return;
            }
            catch (Exception e) when (e is MlOpsException or SqliteException)
            {
                scores.CountError(slot, Stopwatch.GetElapsedTime(asked));
            }
        }
    }

    private void Write(SqliteConnection own, int writer, long number)
    {
        SqliteFile.Execute(own, "BEGIN IMMEDIATE");
        Insert(own, writer, number);
        SqliteFile.Execute(own, "COMMIT");
    }

    private void Insert(SqliteConnection connection, int writer, long number) => connection.Execute(Sql, new { process, writer, number });

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={DatabaseIn(folder)};Pooling=False");
        connection.Open();
        SqliteFile.Execute(connection, $"PRAGMA busy_timeout = {variant.BusyTimeout}; PRAGMA synchronous = FULL");
        return connection;
    }
}
