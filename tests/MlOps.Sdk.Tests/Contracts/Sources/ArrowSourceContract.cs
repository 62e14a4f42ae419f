using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class ArrowSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override async ValueTask<IDataSource> CreateAsync() => await ArrowAsync("first", 1);

    protected override async ValueTask<IDataSource?> CreateOtherAsync() => await ArrowAsync("other", 2);

    private async Task<IDataSource> ArrowAsync(string name, int seed)
    {
        var path = Path.Combine(_folder.Path, name + ".arrow");
        await using (var stream = File.Create(path))
        {
            var writer = new ArrowWriter(stream);
            await writer.BeginAsync(SampleRows.Schema);
            foreach (var batch in SampleRows.Create(17, seed).ToBatches(7)) await writer.WriteAsync(batch);
            await writer.CompleteAsync();
        }

        return DataSources.Arrow(path);
    }
}
