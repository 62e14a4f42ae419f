namespace MlOps.Sdk.Collection;

/// <summary>
/// The files of one table on their way to where they belong. Disposed of before it is complete, nothing of it shows. Not thread-safe.
/// </summary>
internal interface ITableCommit : IAsyncDisposable
{
    /// <summary>The name of a file.</summary>
    string NameOf(int number);

    /// <summary>Whether a file can have a path, or a key, there.</summary>
    bool CanKeep(string target);

    /// <summary>Creates a file that will have a path, or a key, there.</summary>
    FileStream Create(string target);

    /// <summary>Makes all files show. Nobody writes to them any more.</summary>
    /// <param name="rows">The rows of all files together.</param>
    /// <param name="cancellationToken">Cancels until the table shows.</param>
    /// <exception cref="IOException">Something cannot be written.</exception>
    ValueTask CompleteAsync(long rows, CancellationToken cancellationToken);
}
