using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Parts of windows of predictions, as each process adds to its own, until a check takes and judges them. Thread-safe.
/// </summary>
internal sealed class PaneTable(RelationalStore store)
{
    private const string Heads =
        "no AS No, model AS Model, windows AS Windows, key AS Key, version AS Version, owner AS Owner, first_at AS FirstAt, " +
        "last_at AS LastAt, rows AS Rows, marks AS Marks, stored_at AS StoredAt";

    /// <summary>The windows that a model is checked by; <see langword="null"/> when none are declared.</summary>
    public Task<string?> DeclaredAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => Declared(connection, model), cancellationToken);

    /// <summary>Declares the windows of a model; the last declaration counts, for all processes.</summary>
    public async Task DeclareAsync(string model, string windows, CancellationToken cancellationToken)
    {
        if (await DeclaredAsync(model, cancellationToken).ConfigureAwait(false) == windows) return;
        await store.WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO monitored_models(model, windows) VALUES (@model, @windows)
                ON CONFLICT (model) DO UPDATE SET windows = @windows
                """,
                new { model, windows }),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts predictions of a version on.</summary>
    /// <returns>How many there were before.</returns>
    public Task<long> CountOnAsync(string model, string windows, int version, int rows, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection => connection.ExecuteScalar<long>(
                """
                INSERT INTO window_progress(model, windows, version, counted) VALUES (@model, @windows, @version, @rows)
                ON CONFLICT (model, windows, version) DO UPDATE SET counted = counted + @rows RETURNING counted - @rows
                """,
                new { model, windows, version, rows }),
            cancellationToken);

    /// <summary>The latest event time in windows of a model; <see langword="null"/> when there is none.</summary>
    public Task<long?> NewestAsync(string model, string windows, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => Newest(connection, model, windows), cancellationToken);

    /// <summary>Stores what a process added: all of it, or nothing.</summary>
    public Task<StoredPanes> StoreAsync(PaneChanges changes, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            var stored = new List<(long, bool)>();
            foreach (var (whole, fresh) in changes.Panes)
            {
                var isWhole = whole.No != 0 && connection.Execute(
                    """
                    UPDATE monitoring_panes SET first_at = @FirstAt, last_at = @LastAt, rows = @Rows, marks = @Marks,
                        stored_at = @StoredAt, profiles = @Profiles
                    WHERE no = @No AND owner = @Owner AND sealed = 0
                    """,
                    whole) == 1;
                stored.Add((isWhole ? whole.No : Insert(connection, fresh(), isSealed: false), isWhole));
            }

            if (changes.Newest is not null || changes.Late > 0 || changes.Untimed > 0)
            {
                connection.Execute(
                    """
                    INSERT INTO window_progress(model, windows, version, newest, late, untimed)
                    VALUES (@Model, @Windows, 0, @Newest, @Late, @Untimed)
                    ON CONFLICT (model, windows, version) DO UPDATE SET newest = max(coalesce(newest, @Newest), coalesce(@Newest, newest)),
                        late = late + @Late, untimed = untimed + @Untimed
                    """,
                    new { changes.Model, changes.Windows, changes.Newest, changes.Late, changes.Untimed });
            }

            connection.Execute(
                "DELETE FROM monitoring_panes WHERE model = @Model AND stored_at < @Forget", new { changes.Model, changes.Forget });
            return new StoredPanes(
                stored, Declared(connection, changes.Model), Newest(connection, changes.Model, changes.Windows));
        },
        cancellationToken);

    /// <summary>Lets one process at a time check a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="checker">Who checks.</param>
    /// <param name="now">The time.</param>
    /// <param name="lease">For how long; a process that goes on renews it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns><see langword="null"/> when another process checks the model.</returns>
    public Task<CheckStart?> BeginCheckAsync(
        string model, string checker, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                // A lease that ends later than two can last was taken before the clock was set back; by less, clocks may differ.
                var until = Ticks.Add(now, lease).UtcTicks;
                var isTaken = connection.Execute(
                    """
                    UPDATE monitored_models SET checker = @checker, checked_until = @until
                    WHERE model = @model AND (checker IS NULL OR checker = @checker OR checked_until <= @now OR checked_until > @latest)
                    """,
                    new { model, checker, until, now = now.UtcTicks, latest = until + lease.Ticks }) == 1;
                if (!isTaken) return null;
                return new CheckStart(
                    Declared(connection, model),
                    ReadHeads(connection, model),
                    connection.Query<(string Windows, int Version, long Counted, long? Judged, long? Newest, long Late, long Untimed)>(
                        "SELECT windows, version, counted, judged, newest, late, untimed FROM window_progress WHERE model = @model",
                        new { model })
                        .GroupBy(row => row.Windows)
                        .ToDictionary(
                            group => group.Key,
                            IReadOnlyList<WindowProgress> (group) =>
                            [
                                .. group.Select(row => new WindowProgress
                                {
                                    Version = row.Version, Counted = row.Counted, Judged = row.Judged, Newest = row.Newest,
                                    Late = row.Late, Untimed = row.Untimed,
                                }),
                            ]));
            },
            cancellationToken);

    /// <summary>Keeps the right to check.</summary>
    /// <returns>Whether this process had it still.</returns>
    public Task<bool> RenewCheckAsync(
        string model, string checker, DateTimeOffset until, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection => connection.Execute(
                "UPDATE monitored_models SET checked_until = @until WHERE model = @model AND checker = @checker",
                new { model, checker, until = until.UtcTicks }) == 1,
            cancellationToken);

    /// <summary>Gives the right to check back.</summary>
    public Task EndCheckAsync(string model, string checker, CancellationToken cancellationToken) => store.WriteAsync(
        connection => connection.Execute(
            "UPDATE monitored_models SET checker = NULL, checked_until = NULL WHERE model = @model AND checker = @checker",
            new { model, checker }),
        cancellationToken);

    /// <summary>Takes parts: their processes add to them no more. Gives them with their profiles, as they are then.</summary>
    public Task<IReadOnlyList<PaneRow>> SealAsync(IReadOnlyList<long> numbers, CancellationToken cancellationToken) =>
        store.WriteAsync<IReadOnlyList<PaneRow>>(
            connection =>
            {
                connection.Execute("UPDATE monitoring_panes SET sealed = 1 WHERE no IN @numbers", new { numbers });
                return
                [
                    .. connection.Query<PaneRow>(
                        $"SELECT {Heads}, CAST(profiles AS BLOB) AS Profiles FROM monitoring_panes WHERE no IN @numbers ORDER BY no",
                        new { numbers }),
                ];
            },
            cancellationToken);

    /// <summary>The parts of a model that are not judged, without their profiles.</summary>
    public Task<IReadOnlyList<PaneRow>> OpenAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<PaneRow>>(connection => ReadHeads(connection, model), cancellationToken);

    /// <summary>Deletes parts that were judged. Inside the caller's write.</summary>
    public static void Delete(DbConnection connection, IReadOnlyList<long> numbers) =>
        connection.Execute("DELETE FROM monitoring_panes WHERE no IN @numbers", new { numbers });

    /// <summary>Puts one part in the place of several, unless another process checks the model by now.</summary>
    public Task ReplaceAsync(IReadOnlyList<long> numbers, PaneRow merged, string checker, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                if (!IsChecker(connection, merged.Model, checker)) return;
                Delete(connection, numbers);
                Insert(connection, merged, isSealed: true);
            },
            cancellationToken);

    /// <summary>Adds a part. Inside the caller's write.</summary>
    public static long Insert(DbConnection connection, PaneRow row, bool isSealed) => connection.ExecuteScalar<long>(
        """
        INSERT INTO monitoring_panes(
            model, windows, key, version, owner, first_at, last_at, rows, marks, stored_at, sealed, profiles)
        VALUES (@Model, @Windows, @Key, @Version, @Owner, @FirstAt, @LastAt, @Rows, @Marks, @StoredAt, @isSealed, @Profiles) RETURNING no
        """,
        new
        {
            row.Model,
            row.Windows,
            row.Key,
            row.Version,
            row.Owner,
            row.FirstAt,
            row.LastAt,
            row.Rows,
            row.Marks,
            row.StoredAt,
            isSealed,
            row.Profiles,
        });

    /// <summary>Whether a process may still check. Inside the caller's write.</summary>
    public static bool IsChecker(DbConnection connection, string model, string checker) => connection.ExecuteScalar<long>(
        "SELECT count(*) FROM monitored_models WHERE model = @model AND checker = @checker", new { model, checker }) == 1;

    /// <summary>
    /// Notes that windows before one are judged, takes off what a report has told, and deletes what is left of the window.
    /// </summary>
    public Task EndWindowAsync(
        string model,
        string windows,
        int version,
        long judged,
        IReadOnlyList<long> numbers,
        long late,
        long untimed,
        CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                Delete(connection, numbers);
                connection.Execute(
                    """
                    INSERT INTO window_progress(model, windows, version, judged) VALUES (@model, @windows, @version, @judged)
                    ON CONFLICT (model, windows, version) DO UPDATE SET judged = max(coalesce(judged, @judged), @judged)
                    """,
                    new { model, windows, version, judged });
                connection.Execute(
                    """
                    UPDATE window_progress SET late = late - @late, untimed = untimed - @untimed
                    WHERE model = @model AND windows = @windows AND version = 0
                    """,
                    new { model, windows, late, untimed });
            },
            cancellationToken);

    /// <summary>Deletes parts that came for windows that are judged, and counts their predictions as late.</summary>
    /// <returns>How many predictions they held.</returns>
    public Task<long> SettleLateAsync(string model, string windows, IReadOnlyList<long> numbers, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                var late = connection.ExecuteScalar<long>(
                    "SELECT coalesce(sum(rows), 0) FROM monitoring_panes WHERE no IN @numbers", new { numbers });
                Delete(connection, numbers);
                connection.Execute(
                    """
                    INSERT INTO window_progress(model, windows, version, late) VALUES (@model, @windows, 0, @late)
                    ON CONFLICT (model, windows, version) DO UPDATE SET late = late + @late
                    """,
                    new { model, windows, late });
                return late;
            },
            cancellationToken);

    /// <summary>Counts the predictions with some marks by the generation of their route, and those of them that have a label.</summary>
    /// <param name="model">The model.</param>
    /// <param name="marks">The marks.</param>
    /// <param name="firstAt">The time of the first of them, in ticks.</param>
    /// <param name="lastAt">The time of the last, in ticks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<GenerationCount>> CountAsync(
        string model, string marks, long firstAt, long lastAt, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<GenerationCount>>(
            connection =>
            {
                // Marks are few, and are read once however many ranges there are.
                var ranges = PaneMarks.Read(marks).ToArray();
                return
                [
                    .. connection.Query<(long Mark, long Generation, long Rows, long Labelled)>(
                        """
                        SELECT p.pane, p.generation, count(*), count(l.label)
                        FROM predictions p INDEXED BY predictions_by_time
                            LEFT JOIN labels l ON l.model = p.model AND l.prediction = p.id
                        WHERE p.model = @model AND p.at >= @firstAt AND p.at <= @lastAt AND p.pane IS NOT NULL
                        GROUP BY p.pane, p.generation
                        """,
                        new { model, firstAt, lastAt })
                        .Where(row => Array.Exists(ranges, range => row.Mark >= range.First && row.Mark <= range.Last))
                        .GroupBy(row => row.Generation)
                        .Select(group => new GenerationCount
                        {
                            Generation = group.Key, Rows = group.Sum(row => row.Rows), Labelled = group.Sum(row => row.Labelled),
                        }),
                ];
            },
            cancellationToken);

    private static string? Declared(DbConnection connection, string model) => connection.QuerySingleOrDefault<string>(
        "SELECT windows FROM monitored_models WHERE model = @model", new { model });

    private static long? Newest(DbConnection connection, string model, string windows) => connection.ExecuteScalar<long?>(
        "SELECT newest FROM window_progress WHERE model = @model AND windows = @windows AND version = 0", new { model, windows });

    private static PaneRow[] ReadHeads(DbConnection connection, string model) =>
        [.. connection.Query<PaneRow>($"SELECT {Heads} FROM monitoring_panes WHERE model = @model ORDER BY no", new { model })];
}
