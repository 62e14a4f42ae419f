using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A sink that holds several tables, each under a name: one that is written again takes the place of the earlier one of its name, at once.
/// <see cref="IDataSink.OpenAsync"/> adds a table of a new name. Implementations are thread-safe.
/// </summary>
public interface ITableSink : IDataSink
{
    /// <summary>Begins a table. What is written shows only once it is completed, and then nothing of an earlier one of its name.</summary>
    /// <param name="schema">The columns of all batches.</param>
    /// <param name="table">The name of the table; any text that is not empty.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">The sink cannot be reached, or cannot hold a column.</exception>
    ValueTask<IDataWriter> OpenAsync(Schema schema, string table, CancellationToken cancellationToken = default);
}
