using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Keeps artifacts from being deleted while somebody copies them, whatever becomes of the references. It is renewed until it is disposed
/// of; that of a process that was killed ends after a minute. Several may be held at once.
/// </summary>
internal static class GarbageHold
{
    private const string Prefix = "hold:";

    /// <summary>Takes a hold.</summary>
    public static Task<StoreLease> TakeAsync(RelationalStore store, CancellationToken cancellationToken) => StoreLease.WaitAsync(
        new LeaseTable(store), Prefix + Guid.NewGuid().ToString("N"), store.Clock, store.Logger, cancellationToken);

    /// <summary>Whether somebody has one.</summary>
    public static bool IsHeld(DbConnection connection, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return connection.ExecuteScalar<long>(
            $"SELECT EXISTS (SELECT 1 FROM leases WHERE {OfHolds} AND held_until BETWEEN @now AND @latest)", Parameters(now)) == 1;
    }

    /// <summary>Forgets those whose processes were killed.</summary>
    public static void ForgetEnded(DbConnection connection, TimeProvider clock) => connection.Execute(
        $"DELETE FROM leases WHERE {OfHolds} AND held_until NOT BETWEEN @now AND @latest",
        Parameters(Ticks.Subtract(clock.GetUtcNow(), StoreLease.Length)));

    private const string OfHolds = "name >= @first AND name < @last";

    // A clock that was set back must not keep a hold for as long.
    private static object Parameters(DateTimeOffset now) => new
    {
        first = Prefix,
        last = Prefix[..^1] + (char)(':' + 1),
        now = now.UtcTicks,
        latest = Ticks.Add(now, 3 * StoreLease.Length).UtcTicks,
    };
}
