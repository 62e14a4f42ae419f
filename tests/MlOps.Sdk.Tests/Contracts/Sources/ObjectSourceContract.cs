using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class ObjectSourceContract : DataSourceContract
{
    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Objects(11));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Objects(10));

    private static IDataSource Objects(int count) => DataSources.Objects(Enumerable.Range(0, count).Select(
        i => new { Id = i, Name = i % 3 == 0 ? null : $"n{i}", Amount = i % 4 == 0 ? (double?)null : i / 7.0, IsMember = i % 2 == 0 }));
}
