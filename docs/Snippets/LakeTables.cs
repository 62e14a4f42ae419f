using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace Acme;

/// <summary>Parquet: files and partitioned folders of a lake, read and written.</summary>
internal static class LakeTables
{
    public static CollectionBuilder Collect(CollectionBuilder data, string lake)
    {
        // begin-snippet: parquet-folder
        data.FromParquetFolder(
            lake,                                                      // year=2026/month=3/part-….parquet
            rows => rows.Where("year", 2026, 2026).Where("amount", 10, 1_000_000),
            read => read.Columns("customer", "amount", "month"));
        // end-snippet
        return data;
    }

    public static async Task WriteAsync(Dataset rows, string lake, CancellationToken cancellationToken)
    {
        // begin-snippet: parquet-sink
        var sink = DataSinks.ParquetFolder(lake, partitionBy: ["year", "month"], parquet =>
        {
            parquet.Compression = ParquetCompression.Zstd;
            parquet.RowGroupRows = 500_000;
        });
        await rows.WriteToAsync(sink, cancellationToken);
        // end-snippet
    }

    public static Task<Dataset> ReadAsync(string lake, CancellationToken cancellationToken) =>
        DataSources.ParquetFolder(lake).ReadAllAsync(cancellationToken);
}
