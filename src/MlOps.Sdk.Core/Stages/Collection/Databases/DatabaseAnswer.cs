using System.Data.Common;

namespace MlOps.Sdk.Collection;

/// <summary>The answer to a query on its first row, with what it needs to stay open.</summary>
internal sealed class DatabaseAnswer(DbConnection connection, DbCommand command, DbDataReader reader, bool hasRow) : IAsyncDisposable
{
    /// <summary>Whether there is a row.</summary>
    public bool HasRow => hasRow;

    public DbDataReader Reader => reader;

    public async ValueTask DisposeAsync()
    {
        // A reader of a broken connection may fail to close; the connection goes back to its pool all the same.
        await using (connection.ConfigureAwait(false))
        await using (command.ConfigureAwait(false)) await reader.DisposeAsync().ConfigureAwait(false);
    }
}
