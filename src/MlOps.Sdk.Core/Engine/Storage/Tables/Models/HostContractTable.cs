using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>What the hosts that serve models can call, each for as long as it is heard of. Thread-safe.</summary>
internal sealed class HostContractTable(RelationalStore store)
{
    /// <summary>Says what a host can call, and until when that holds unless it is said again.</summary>
    /// <param name="host">The host.</param>
    /// <param name="contracts">The contracts, by model and types.</param>
    /// <param name="until">When they expire.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task PutAsync(
        string host,
        IReadOnlyList<(string Model, string Types, string Contract)> contracts,
        DateTimeOffset until,
        CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                foreach (var (model, types, contract) in contracts)
                {
                    connection.Execute(
                        """
                        INSERT INTO host_contracts(model, host, types, contract, expires_at)
                        VALUES (@model, @host, @types, @contract, @until)
                        ON CONFLICT (model, host, types) DO UPDATE SET contract = excluded.contract, expires_at = excluded.expires_at
                        """,
                        new { model, host, types, contract, until = until.UtcTicks });
                }

                // Of hosts that were not heard of for long, nobody asks any more.
                connection.Execute("DELETE FROM host_contracts WHERE expires_at < @now", new { now = store.Clock.GetUtcNow().UtcTicks });
            },
            cancellationToken);

    /// <summary>Forgets a host that stops.</summary>
    public Task RemoveAsync(string host, CancellationToken cancellationToken) =>
        store.WriteAsync(
            connection =>
            {
                connection.Execute("DELETE FROM host_contracts WHERE host = @host", new { host });
            },
            cancellationToken);

    /// <summary>The contracts for a model that hold now, by host.</summary>
    public Task<IReadOnlyList<(string Host, string Contract)>> ListAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<(string Host, string Contract)>>(
            connection =>
            [
                .. connection.Query<(string Host, string Contract)>(
                    "SELECT host, contract FROM host_contracts WHERE model = @model AND expires_at >= @now ORDER BY host, types",
                    new { model, now = store.Clock.GetUtcNow().UtcTicks }),
            ],
            cancellationToken);
}
