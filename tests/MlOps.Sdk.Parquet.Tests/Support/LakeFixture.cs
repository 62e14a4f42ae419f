using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>A lake in a folder for each test.</summary>
public abstract class LakeFixture : ParquetFixture
{
    internal string LakePath => Folder["lake"];

    internal FolderObjectStore Store => new(LakePath);

    internal static IDataSource Source(IObjectStore store, string prefix = "t", Action<ObjectSourceOptions>? configure = null) =>
        DataSources.Objects(store, prefix, objects =>
        {
            objects.Parquet();
            configure?.Invoke(objects);
        });

    internal async Task PutAsync(string key, string text) => await PutAsync(key, Encoding.UTF8.GetBytes(text));

    internal async Task PutAsync(string key, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        await Store.PutAsync(key, content);
    }

    internal string[] Files(string prefix = "t") => Directory.Exists(Path.Combine(LakePath, prefix))
        ? [.. Directory.GetFiles(Path.Combine(LakePath, prefix), "*", SearchOption.AllDirectories).Select(file =>
            Path.GetRelativePath(LakePath, file).Replace(Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal)]
        : [];

    internal static async Task<string[]> RowsAsync(IDataSource source, ReadRequest? request = null) =>
        Tables.Of(await Tables.ReadAsync(source, request));

    internal static async Task<(string[] Rows, Watermark? Watermark, IReadOnlyList<string> Notes)> ScanAsync(
        IDataSource source, ReadRequest request)
    {
        await using var scan = await source.OpenAsync(request);
        var table = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
        return (Tables.Of(table), scan.Watermark, scan.Notes);
    }
}
