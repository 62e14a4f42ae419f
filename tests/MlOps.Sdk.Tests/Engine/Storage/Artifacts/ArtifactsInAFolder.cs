using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

/// <summary>Artifacts that are kept in a folder in the end.</summary>
public abstract class ArtifactsInAFolder : ArtifactStoreContract
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private TempFolder _folder = new();

    [SetUp]
    public void Open()
    {
        _folder.Dispose();
        _folder = new TempFolder();
    }

    [TearDown]
    public void Close() => _folder.Dispose();

    protected override async ValueTask<bool> DamageAsync(ArtifactId id, byte[] bytes)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder["artifacts"], id.Hex[..2], id.Hex[2..]), bytes);
        return true;
    }

    protected override Task WaitAsync()
    {
        _clock.Advance(TimeSpan.FromHours(1));
        return Task.CompletedTask;
    }

    private protected FileArtifactStore CreateFiles() => new(_folder["artifacts"], _clock, NullLogger.Instance);

    private protected RelationalStore OpenDatabase() =>
        RelationalStore.OpenAsync(_folder["mlops.db"], _clock, NullLogger.Instance, default).GetAwaiter().GetResult();
}
