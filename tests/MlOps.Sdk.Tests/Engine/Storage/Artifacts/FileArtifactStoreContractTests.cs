using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

[TestFixture]
public sealed class FileArtifactStoreContractTests : ArtifactStoreContract
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private TempFolder _folder = null!;

    [SetUp]
    public void Open() => _folder = new TempFolder();

    [TearDown]
    public void Close() => _folder.Dispose();

    protected override IArtifactStore Create() => new FileArtifactStore(_folder.Path, _clock, NullLogger.Instance);

    protected override async ValueTask<bool> DamageAsync(ArtifactId id, byte[] bytes)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, id.Hex[..2], id.Hex[2..]), bytes);
        return true;
    }

    protected override Task WaitAsync()
    {
        _clock.Advance(TimeSpan.FromHours(1));
        return Task.CompletedTask;
    }
}
