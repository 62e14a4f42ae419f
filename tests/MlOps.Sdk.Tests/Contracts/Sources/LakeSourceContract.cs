using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class LakeSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override async ValueTask<IDataSource> CreateAsync() => await ObjectsAsync("first", 4);

    protected override async ValueTask<IDataSource?> CreateOtherAsync() => await ObjectsAsync("other", 3);

    private async ValueTask<IDataSource> ObjectsAsync(string prefix, int rows)
    {
        var store = new FolderObjectStore(_folder.Path);
        var listed = await store.ListAsync(prefix);
        foreach (var month in listed.Objects.Count > 0 ? [] : new[] { 1, 2, 3 })
        {
            var text = new StringBuilder("id,name\n");
            for (var i = 0; i < rows; i++) text.Append(FormattableString.Invariant($"{month * 10 + i},n{i % 2}\n"));
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
            await store.PutAsync($"{prefix}/month={month}/x.csv", content);
        }

        return DataSources.Objects(store, prefix);
    }
}
