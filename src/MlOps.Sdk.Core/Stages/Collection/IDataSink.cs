using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Where a table is written to. Implementations are thread-safe: several writers may be open at once, each with its own
/// table.</summary>
public interface IDataSink
{
    /// <summary>A name for messages and lineage, for example the file's name; without secrets.</summary>
    string Name { get; }

    /// <summary>Begins a table. What is written shows only once it is completed.</summary>
    /// <param name="schema">The columns of all batches.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">The sink cannot be reached, or cannot hold a column.</exception>
    ValueTask<IDataWriter> OpenAsync(Schema schema, CancellationToken cancellationToken = default);
}
