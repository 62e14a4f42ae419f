using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>Which workspace it is. Thread-safe.</summary>
internal sealed class IdentityTable(RelationalStore store)
{
    /// <summary>Reads the id, which never changes: 32 hexadecimal digits.</summary>
    public Task<string> ReadAsync(CancellationToken cancellationToken) => store.ReadAsync(
        connection => connection.ExecuteScalar<string>("SELECT id FROM workspace WHERE one = 1")!, cancellationToken);
}
