using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class SnapshotSourceContract : DataSourceContract
{
    private readonly List<TemporaryWorkspace> _workspaces = [];

    [TearDown]
    public async Task DeleteWorkspaces()
    {
        foreach (var workspace in _workspaces) await workspace.DisposeAsync();
    }

    protected override async ValueTask<IDataSource> CreateAsync() => await SnapshotAsync(1);

    protected override async ValueTask<IDataSource?> CreateOtherAsync() => await SnapshotAsync(2);

    private async Task<IDataSource> SnapshotAsync(int seed)
    {
        var temporary = await TemporaryWorkspace.OpenAsync();
        _workspaces.Add(temporary);
        using var stream = new MemoryStream();
        var writer = new ArrowWriter(stream);
        await writer.BeginAsync(SampleRows.Schema);
        foreach (var batch in SampleRows.Create(17, seed).ToBatches(7)) await writer.WriteAsync(batch);
        await writer.CompleteAsync();
        var artifact = await temporary.Workspace.Artifacts.PutAsync(stream.ToArray());
        return new SnapshotSource("snapshot", artifact.Id, temporary.Workspace.Artifacts);
    }
}
