using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class JoinedSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Joined("first", 9));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Joined("other", 8));

    private IDataSource Joined(string name, int rows)
    {
        var orders = "id,customer\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"{i},c{i % 4}\n"));
        return DataSources.Csv(_folder.Write(name + ".csv", orders))
            .Join(DataSources.Csv(_folder.Write("customers.csv", "customer,city\nc0,Bern\nc1,Rom\nc3,Wien\n")), ["customer"]);
    }
}
