using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class ConcatenatedSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Concatenated("a", 3));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Concatenated("b", 4));

    private IDataSource Concatenated(string name, int rows) => Part(name + "1", rows).Concat(Part(name + "2", 1), Part(name + "3", 5));

    private IDataSource Part(string name, int rows) =>
        DataSources.Csv(_folder.Write(name + ".csv", "n,text\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"{i},t{i}\n"))));
}
