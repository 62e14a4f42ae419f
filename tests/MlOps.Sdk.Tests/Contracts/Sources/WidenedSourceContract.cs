using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class WidenedSourceContract : DataSourceContract
{
    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Widened(seed: 1));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Widened(seed: 2));

    private static IDataSource Widened(int seed) => new WidenedSource(
        new DatasetSource(SampleRows.Create(13, seed)),
        new Schema(SampleRows.Schema.Select(field => field.Name == "visits" ? new Field("visits", ColumnType.Number) : field)));
}
