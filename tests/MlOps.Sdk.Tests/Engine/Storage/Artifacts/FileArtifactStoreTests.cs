using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class FileArtifactStoreTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private TempFolder _folder = null!;
    private FileArtifactStore _store = null!;

    [SetUp]
    public void Open()
    {
        _folder = new TempFolder();
        _store = OpenStore();
    }

    [TearDown]
    public void Close() => _folder.Dispose();

    [Test]
    public async Task PutAsync_Bytes_AreReadBackUnderTheirHash()
    {
        var stored = await _store.PutAsync("hello"u8.ToArray());
        Assert.That(stored, Is.EqualTo(new ArtifactInfo(ArtifactId.Of("hello"u8), 5, _clock.GetUtcNow())));
        Assert.That(await _store.ReadAllAsync(stored.Id), Is.EqualTo("hello"u8.ToArray()));
        Assert.That(await _store.FindAsync(stored.Id), Is.EqualTo(stored));
        Assert.That(File.Exists(Path.Combine(_folder.Path, stored.Id.Hex[..2], stored.Id.Hex[2..])), Is.True);
    }

    [Test]
    public async Task PutAsync_SameContentManyTimesAtOnce_IsKeptOnce()
    {
        var content = new byte[300_000];
        var stored = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _store.PutAsync(content)));
        Assert.That(stored.Select(s => s.Id).Distinct().Count(), Is.EqualTo(1));
        Assert.That(await ListAsync(), Has.Count.EqualTo(1));
        Assert.That(Directory.GetFiles(Path.Combine(_folder.Path, ".incoming")), Is.Empty);
    }

    [Test]
    public async Task Read_DamagedFile_Throws([Values("flip", "cut", "grow")] string damage)
    {
        var stored = await _store.PutAsync(new byte[1000]);
        var path = _store.PathOf(stored.Id);
        var bytes = await File.ReadAllBytesAsync(path);
        if (damage == "flip") bytes[500] ^= 1;
        await File.WriteAllBytesAsync(path, damage switch { "cut" => bytes[..999], "grow" => [.. bytes, 0], _ => bytes });

        Assert.That(
            async () => await _store.ReadAllAsync(stored.Id),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("damaged")
                .And.Property("Remedy")
                .Contains("backup")
                .And.Property("DataSource")
                .EqualTo(path));
        await using var stream = await _store.OpenAsync(stored.Id);
        Assert.That(async () => await stream.CopyToAsync(Stream.Null), Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged"));
    }

    [Test]
    public async Task PutAsync_StreamFails_LeavesNothing()
    {
        await using var failing = new FailingStream();
        Assert.That(async () => await _store.PutAsync(failing), Throws.TypeOf<FormatException>());
        Assert.That(await ListAsync(), Is.Empty);
        Assert.That(Directory.GetFiles(Path.Combine(_folder.Path, ".incoming")), Is.Empty);
    }

    [Test]
    public void Open_LeftoversOfKilledProcesses_RemovesOnlyOldOnes()
    {
        var old = Path.Combine(_folder.Path, ".incoming", "old");
        var fresh = Path.Combine(_folder.Path, ".incoming", "fresh");
        File.WriteAllText(old, "x");
        File.WriteAllText(fresh, "x");
        File.SetLastWriteTimeUtc(old, _clock.GetUtcNow().UtcDateTime.AddHours(-25));
        File.SetLastWriteTimeUtc(fresh, _clock.GetUtcNow().UtcDateTime.AddHours(-23));
        OpenStore();
        Assert.That((File.Exists(old), File.Exists(fresh)), Is.EqualTo((false, true)));
    }

    private FileArtifactStore OpenStore() => new(_folder.Path, _clock, NullLogger.Instance);

    private async Task<List<ArtifactInfo>> ListAsync()
    {
        var list = new List<ArtifactInfo>();
        await foreach (var artifact in _store.ListAsync()) list.Add(artifact);
        return list;
    }

    private sealed class FailingStream : MemoryStream
    {
        private bool _begun;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_begun) throw new FormatException();
            _begun = true;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
