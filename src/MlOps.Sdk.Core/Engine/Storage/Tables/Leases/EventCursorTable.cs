using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Up to which entry of the audit log each receiver was told. Thread-safe.</summary>
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

    /// <summary>Notes up to where a receiver was told.</summary>
    public Task AdvanceAsync(string name, long position, CancellationToken cancellationToken) => store.WriteAsync(
        connection => connection.Execute(
            "UPDATE event_cursors SET position = @position WHERE name = @name AND position < @position", new { name, position }),
        cancellationToken);
}
