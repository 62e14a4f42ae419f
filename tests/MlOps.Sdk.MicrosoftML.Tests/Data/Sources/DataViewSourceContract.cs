using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.MLNet.Tests;

public sealed class DataViewSourceContract : DataSourceContract
{
    protected override ValueTask<IDataSource> CreateAsync() =>
        ValueTask.FromResult(DataSources.FromDataView("view", SampleRows.Create(17, seed: 1).AsDataView()));

    protected override ValueTask<IDataSource?> CreateOtherAsync() =>
        ValueTask.FromResult<IDataSource?>(DataSources.FromDataView("view", SampleRows.Create(17, seed: 2).AsDataView()));
}
