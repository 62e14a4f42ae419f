using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

/// <summary>What a run puts, in a store that tells nothing but what the contract says.</summary>
[TestFixture]
public sealed class RunArtifactsContractTests : ArtifactsInAFolder
{
    private RelationalStore? _database;

    [TearDown]
    public async Task CloseDatabase()
    {
        if (_database is not null) await _database.DisposeAsync();
        _database = null;
    }

    [Test]
    public async Task PutAsync_OfARun_IsReferencedBeforeItIsStored()
    {
        var (artifacts, seen) = (new Elsewhere(CreateFiles()), false);
        _database = OpenDatabase();
        artifacts.Putting = () => seen = _database.ReadAsync(
            connection => ArtifactRefTable.IsReferenced(connection, ArtifactId.Of("x"u8), "nobody", []), default).GetAwaiter().GetResult();

        await new RunArtifacts(_database, new WorkspaceArtifacts(artifacts), "run").PutAsync("x"u8.ToArray());

        Assert.That(seen, Is.True);
    }

    [TestCase(99, false)]
    [TestCase(100, true)]
    public async Task TryReadAll_StoreFails_IsALossOnlyOnceEverythingWasRead(int bytes, bool isLoss)
    {
        var files = new Elsewhere(CreateFiles()) { FailsAfter = bytes };
        var stored = await files.PutAsync(new byte[100]);

        if (isLoss) Assert.That((await files.TryReadAllAsync(stored.Id)).Loss, Is.EqualTo("The store is slow."));
        else Assert.That(async () => await files.TryReadAllAsync(stored.Id), Throws.TypeOf<MlOpsException>());
    }

    protected override IArtifactStore Create() =>
        new RunArtifacts(_database ??= OpenDatabase(), new WorkspaceArtifacts(new Elsewhere(CreateFiles())), "run");

    private sealed class Elsewhere(IArtifactStore store) : IArtifactStore
    {
        public Action? Putting { get; set; }

        public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default)
        {
            Putting?.Invoke();
            return store.PutAsync(content, cancellationToken);
        }

        public Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        {
            Putting?.Invoke();
            return store.PutAsync(content, cancellationToken);
        }

        public int? FailsAfter { get; init; }

        public async Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) => FailsAfter is { } bytes
            ? new Failing(new byte[bytes])
            : await store.OpenAsync(id, cancellationToken);

        public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.ReadAllAsync(id, cancellationToken);

        public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.FindAsync(id, cancellationToken);

        public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.DeleteAsync(id, cancellationToken);

        public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) =>
            store.ListAsync(cancellationToken);
    }

    private sealed class Failing(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length
                ? base.ReadAsync(buffer, cancellationToken)
                : throw new MlOpsException("The store is slow.", "Wait for it.");
    }
}
