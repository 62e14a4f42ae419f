using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>An object of a store, always with the content that it had when it was listed.</summary>
internal sealed class ObjectContent(IObjectStore store, StoredObject stored) : IFileContent
{
    public ContentVersion? Version { get; } = VersionOf(stored);

    /// <summary>What identifies the content of an object.</summary>
    public static ContentVersion VersionOf(StoredObject stored) =>
        new(FormattableString.Invariant($"etag:{Uri.EscapeDataString(stored.ETag)}:{stored.Size}"));

    public bool IsRemote => true;

    public Stream Open(string name, CancellationToken cancellationToken) => new ObjectFileStream(store, stored, cancellationToken);

    public (long Length, DateTime Time) Stamp() => default;
}
