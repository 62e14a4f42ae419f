using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Parquet.Tests.Killed;

/// <summary>What a process does until it is killed, step by step: each step has a number, from which everything of it follows.</summary>
internal static class KilledWork
{
    /// <summary>The rows of a table.</summary>
    public const int Rows = 240;

    /// <summary>The name of the table that each step replaces.</summary>
    public const string Table = "run";

    /// <summary>The bytes of an artifact: most go in one request, every third in two parts.</summary>
    public static byte[] ArtifactOf(long step)
    {
        var bytes = new byte[step % 3 == 2 ? 5_500_001 : 30_000];
        new Random((int)step).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The rows of a table: all say which step wrote them.</summary>
    public static async Task<Dataset> TableOfAsync(long step)
    {
        var source = DataSources.Objects(Enumerable.Range(0, Rows).Select(i => new Row(step, i, $"shop {i % 3}", i % 4)));
        await using var scan = await source.OpenAsync(ReadRequest.All);
        return await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
    }

    /// <summary>The lake that a table is written to.</summary>
    public static ITableSink Lake(IObjectStore store) => DataSinks.ParquetObjects(store, "t", ["shop", "quarter"]);

    /// <summary>The folder that tables are added to.</summary>
    public static IDataSink Folder(string path) => DataSinks.ParquetFolder(path, ["shop", "quarter"]);

    internal sealed record Row(long Step, long Id, string Shop, long Quarter);
}
