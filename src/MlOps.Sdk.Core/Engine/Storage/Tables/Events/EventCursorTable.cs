using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Up to which entry of the audit log each receiver was told, and which process tells it: one at a time. Thread-safe.</summary>
internal sealed class EventCursorTable(RelationalStore store)
{
    /// <summary>The position of a receiver, and of the newest entry. One that is new begins at the newest entry.</summary>
    public async Task<(long Position, long Newest)> FindAsync(string name, CancellationToken cancellationToken)
    {
        var (position, newest) = await store.ReadAsync(
            connection => (
                connection.ExecuteScalar<long?>("SELECT position FROM event_cursors WHERE name = @name", new { name }),
                AuditTable.Head(connection)?.Sequence ?? 0),
            cancellationToken).ConfigureAwait(false);
        if (position is { } known) return (known, newest);
        return await store.WriteAsync(
            connection =>
            {
                newest = AuditTable.Head(connection)?.Sequence ?? 0;
                connection.Execute(
                    "INSERT INTO event_cursors(name, position) VALUES (@name, @newest) ON CONFLICT (name) DO NOTHING",
                    new { name, newest });
                return (
                    connection.ExecuteScalar<long>("SELECT position FROM event_cursors WHERE name = @name", new { name }), newest);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the right to tell a receiver, or keeps it longer.</summary>
    /// <returns>Its position; <see langword="null"/> while another process has the right.</returns>
    public Task<long?> TakeAsync(string name, string teller, TimeSpan length, CancellationToken cancellationToken)
    {
        var now = store.Clock.GetUtcNow();
        return store.WriteAsync(
            connection => connection.ExecuteScalar<long?>(
                """
                UPDATE event_cursors SET teller = @teller, told_until = @until
                WHERE name = @name AND (teller IS NULL OR teller = @teller OR told_until < @now OR told_until > @latest)
                RETURNING position
                """,
                new
                {
                    name,
                    teller,
                    now = now.UtcTicks,
                    until = Ticks.Add(now, length).UtcTicks,

                    // A clock that was set back must not keep the others out for as long.
                    latest = Ticks.Add(now, 2 * length).UtcTicks,
                }),
            cancellationToken);
    }

    /// <summary>Notes up to where a receiver was told.</summary>
    /// <returns>Whether the process still has the right.</returns>
    public Task<bool> AdvanceAsync(string name, string teller, long position, CancellationToken cancellationToken) => store.WriteAsync(
        connection => connection.Execute(
            "UPDATE event_cursors SET position = @position WHERE name = @name AND teller = @teller AND position < @position",
            new { name, teller, position }) > 0,
        cancellationToken);

    /// <summary>Returns the right.</summary>
    public Task ReturnAsync(string name, string teller, CancellationToken cancellationToken) => store.WriteAsync(
        connection => connection.Execute(
            "UPDATE event_cursors SET teller = NULL, told_until = NULL WHERE name = @name AND teller = @teller", new { name, teller }),
        cancellationToken);
}
