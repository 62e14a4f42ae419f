using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class CsvSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Csv("first", 9));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Csv("other", 8));

    private IDataSource Csv(string name, int rows)
    {
        var text = new StringBuilder("id,name,amount,member,since\n");
        for (var i = 0; i < rows; i++)
        {
            text.Append(FormattableString.Invariant(
                $"{i},\"n, {i % 3}\",{(i % 4 == 0 ? "" : $"{i}.5")},{(i % 2 == 0 ? "true" : "false")},2024-05-0{i + 1}\n"));
        }
        return DataSources.Csv(_folder.Write(name + ".csv", text.ToString()));
    }
}
