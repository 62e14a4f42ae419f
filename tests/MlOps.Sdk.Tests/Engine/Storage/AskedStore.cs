using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tests.Storage;

/// <summary>A store that does something before it looks an artifact up.</summary>
internal sealed class AskedStore(IArtifactStore store, Func<Task> asked) : IArtifactStore
{
    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
        store.PutAsync(content, cancellationToken);

    public Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        store.PutAsync(content, cancellationToken);

    public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) => store.OpenAsync(id, cancellationToken);

    public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
        store.ReadAllAsync(id, cancellationToken);

    public async Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default)
    {
        await asked();
        return await store.FindAsync(id, cancellationToken);
    }

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) => store.DeleteAsync(id, cancellationToken);

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) => store.ListAsync(cancellationToken);
}
