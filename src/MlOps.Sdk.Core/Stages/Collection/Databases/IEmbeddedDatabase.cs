using System.Data.Common;

namespace MlOps.Sdk.Collection;

/// <summary>What a source of connections knows of a database within the process, beyond ADO.NET. Implementations are thread-safe.</summary>
internal interface IEmbeddedDatabase
{
    /// <summary>Finds the files that a query reads, which no transaction keeps from changing.</summary>
    /// <param name="connection">A connection without a transaction.</param>
    /// <param name="sql">The query.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// What tells a stamp of the files, which is another one when a file was written, added or removed; <see langword="null"/> where the
    /// query names none.
    /// </returns>
    ValueTask<Func<CancellationToken, ValueTask<string>>?> WatchAsync(
        DbConnection connection, string sql, CancellationToken cancellationToken);

    /// <summary>A value, also one that <see cref="DbDataReader.GetValue(int)"/> cannot give.</summary>
    /// <param name="row">The reader at its row.</param>
    /// <param name="ordinal">The column.</param>
    object ValueOf(DbDataReader row, int ordinal);
}
