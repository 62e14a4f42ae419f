using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>
/// What one process of a workspace does at a time. A lease that its holder does not take again in time is free: the process was killed.
/// Thread-safe.
/// </summary>
internal sealed class LeaseTable(RelationalStore store)
{
    /// <summary>Takes a lease, or keeps it longer.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="holder">Who does it.</param>
    /// <param name="length">For how long.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether the holder has it now.</returns>
    public Task<bool> TakeAsync(string name, string holder, TimeSpan length, CancellationToken cancellationToken)
    {
        var now = store.Clock.GetUtcNow();
        return store.WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO leases(name, holder, held_until) VALUES (@name, @holder, @until)
                ON CONFLICT (name) DO UPDATE SET holder = @holder, held_until = @until
                WHERE leases.holder = @holder OR leases.held_until < @now OR leases.held_until > @latest
                """,
                new
                {
                    name,
                    holder,
                    now = now.UtcTicks,
                    until = Ticks.Add(now, length).UtcTicks,

                    // A clock that was set back must not keep the others out for as long.
                    latest = Ticks.Add(now, 2 * length).UtcTicks,
                }) > 0,
            cancellationToken);
    }

    /// <summary>Keeps a lease longer, also one that is over, as long as nobody else took it.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="holder">Who does it.</param>
    /// <param name="length">For how long from now on.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether the holder has it still.</returns>
    public Task<bool> RenewAsync(string name, string holder, TimeSpan length, CancellationToken cancellationToken)
    {
        var until = Ticks.Add(store.Clock.GetUtcNow(), length).UtcTicks;
        return store.WriteAsync(
            connection => connection.Execute(
                "UPDATE leases SET held_until = @until WHERE name = @name AND holder = @holder", new { name, holder, until }) > 0,
            cancellationToken);
    }

    /// <summary>Returns a lease.</summary>
    public Task ReturnAsync(string name, string holder, CancellationToken cancellationToken) => store.WriteAsync(
        connection => connection.Execute("DELETE FROM leases WHERE name = @name AND holder = @holder", new { name, holder }),
        cancellationToken);
}
