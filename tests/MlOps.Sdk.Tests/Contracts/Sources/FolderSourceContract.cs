using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class FolderSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Folder("first", 4));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Folder("other", 3));

    private IDataSource Folder(string name, int rows)
    {
        foreach (var month in new[] { 1, 2, 3 })
        {
            var text = new StringBuilder("id,name\n");
            for (var i = 0; i < rows; i++) text.Append(FormattableString.Invariant($"{month * 10 + i},n{i % 2}\n"));
            Directory.CreateDirectory(Path.Combine(_folder.Path, name, $"month={month}"));
            _folder.Write(Path.Combine(name, $"month={month}", "x.csv"), text.ToString());
        }

        return DataSources.Folder(Path.Combine(_folder.Path, name), "**/*.csv", file => DataSources.Csv(file));
    }
}
