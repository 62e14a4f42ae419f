using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class DatasetSourceContract : DataSourceContract
{
    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult<IDataSource>(new DatasetSource(SampleRows.Create(13)));

    protected override ValueTask<IDataSource?> CreateOtherAsync() =>
        ValueTask.FromResult<IDataSource?>(new DatasetSource(SampleRows.Create(13, seed: 2)));
}
