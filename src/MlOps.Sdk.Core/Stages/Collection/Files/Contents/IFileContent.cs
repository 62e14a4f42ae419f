namespace MlOps.Sdk.Collection;

/// <summary>The bytes of a file, which can be opened again and again. Implementations are thread-safe.</summary>
internal interface IFileContent
{
    /// <summary>What identifies the bytes, where that is known without reading them.</summary>
    ContentVersion? Version { get; }

    /// <summary>Whether a read may wait for long, as for a network, so that no thread of the pool should wait for it.</summary>
    bool IsRemote { get; }

    /// <summary>Opens the bytes; the stream can seek, and has its length.</summary>
    /// <param name="name">What the file is called in messages.</param>
    /// <param name="cancellationToken">Cancels the opening, and reads that have no token of their own.</param>
    /// <exception cref="MlOpsException">There is no such file, or it may not be read.</exception>
    Stream Open(string name, CancellationToken cancellationToken);

    /// <summary>Length and time of the file, to notice a change; always the same where opening and reading notice it.</summary>
    (long Length, DateTime Time) Stamp();
}
