namespace MlOps.Sdk.Collection;

/// <summary>Where data comes from. Implementations are thread-safe: several scans may be open at once.</summary>
public interface IDataSource
{
    /// <summary>A name for messages and lineage, for example the file's name; without secrets.</summary>
    string Name { get; }

    /// <summary>The sources that this one reads from, where it is made of others; for lineage, which names their code, too.</summary>
    IReadOnlyList<IDataSource> Sources => [];

    /// <summary>Opens a scan.</summary>
    /// <param name="request">What is wanted of the source.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">The source cannot be reached or is malformed.</exception>
    ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default);
}
