using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class SourceSnapshotContract : DataSourceContract
{
    private readonly List<SourceSnapshot> _snapshots = [];

    [TearDown]
    public void RemoveFiles() => _snapshots.ForEach(snapshot => snapshot.Dispose());

    protected override async ValueTask<IDataSource> CreateAsync() => await SnapshotAsync(1);

    protected override async ValueTask<IDataSource?> CreateOtherAsync() => await SnapshotAsync(2);

    private async Task<SourceSnapshot> SnapshotAsync(int seed)
    {
        var snapshot = await new DatasetSource(SampleRows.Create(17, seed)).SnapshotAsync();
        _snapshots.Add(snapshot);
        return snapshot;
    }
}
