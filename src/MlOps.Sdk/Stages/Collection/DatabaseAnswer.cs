using System.Data.Common;

namespace MlOps.Sdk.Collection;

/// <summary>The answer to a query, with what it needs to stay open.</summary>
internal sealed class DatabaseAnswer(DbConnection connection, DbCommand command, DbDataReader reader) : IAsyncDisposable
{
    public DbDataReader Reader => reader;

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync().ConfigureAwait(false);
        await command.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
