namespace MlOps.Sdk.Collection;

/// <summary>The bytes of a file, which can be opened again and again. Implementations are thread-safe.</summary>
internal interface IFileContent
{
    /// <summary>What identifies the bytes, where that is known without reading them.</summary>
    ContentVersion? Version { get; }

    /// <summary>Opens the bytes; the stream can seek, and has its length.</summary>
    /// <param name="name">What the file is called in messages.</param>
    /// <exception cref="MlOpsException">There is no such file, or it may not be read.</exception>
    Stream Open(string name);

    /// <summary>Length and time of the file, to notice a change; always the same where opening and reading notice it.</summary>
    (long Length, DateTime Time) Stamp();
}
