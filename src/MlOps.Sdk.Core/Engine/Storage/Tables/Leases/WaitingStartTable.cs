using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Starts of lifecycles that wait, in the order in which they came.</summary>
internal static class WaitingStartTable
{
    public static long Insert(DbConnection connection, WaitingStartRow row) => connection.ExecuteScalar<long>(
        """
        INSERT INTO waiting_starts(lifecycle, since, owner_token, owner_machine, owner_process, owner_started, lease_until)
        VALUES (@Lifecycle, @Since, @OwnerToken, @OwnerMachine, @OwnerProcess, @OwnerStarted, @LeaseUntil) RETURNING no
        """,
        row);

    /// <summary>The starts of a lifecycle that came before a given one.</summary>
    public static IReadOnlyList<WaitingStartRow> Before(DbConnection connection, string lifecycle, long no) =>
    [
        .. connection.Query<WaitingStartRow>(
            """
            SELECT no AS No, lifecycle AS Lifecycle, since AS Since, owner_token AS OwnerToken, owner_machine AS OwnerMachine,
                owner_process AS OwnerProcess, owner_started AS OwnerStarted, lease_until AS LeaseUntil
            FROM waiting_starts WHERE lifecycle = @lifecycle AND no < @no ORDER BY no
            """,
            new { lifecycle, no }),
    ];

    /// <summary>Renews the lease of a start that waits.</summary>
    public static void Renew(DbConnection connection, long no, long leaseUntil) =>
        connection.Execute("UPDATE waiting_starts SET lease_until = @leaseUntil WHERE no = @no", new { no, leaseUntil });

    public static void Remove(DbConnection connection, long no) =>
        connection.Execute("DELETE FROM waiting_starts WHERE no = @no", new { no });
}
