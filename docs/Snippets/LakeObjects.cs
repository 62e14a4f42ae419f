using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace Acme;

/// <summary>Tables in an object store: read, written, replaced.</summary>
internal static class LakeObjects
{
    public static IObjectStore OpenS3()
    {
        // begin-snippet: lake-s3
        var store = new S3ObjectStore(new S3ObjectOptions { Bucket = "contoso-lake" });
        // end-snippet
        return store;
    }

    public static IObjectStore OpenBlobs()
    {
        // begin-snippet: lake-blobs
        var store = new BlobObjectStore(new BlobObjectOptions
        {
            ServiceUri = new Uri("https://contoso.blob.core.windows.net"),
            Container = "lake",
        });
        // end-snippet
        return store;
    }

    public static CollectionBuilder Collect(CollectionBuilder data, IObjectStore store)
    {
        // begin-snippet: from-objects
        data.FromObjects(
            store,                                                              // a bucket, a container, a folder
            "sales",                                                            // sales/year=2026/month=11/orders.parquet
            objects => objects.Parquet(rows => rows.Where("year", 2026, 2026)), // and CSV, JSON Lines, Arrow
            read => read.Columns("customer", "amount", "month").OnlyNew());
        // end-snippet
        return data;
    }

    public static async Task WriteAsync(Dataset scores, IObjectStore store, CancellationToken cancellationToken)
    {
        // begin-snippet: lake-sink
        var lake = DataSinks.ParquetObjects(store, "scores/churn", partitionBy: ["year", "month"]);
        await scores.WriteToAsync(lake, table: "2026-11-30", cancellationToken); // again: replaces the table of that name
        // end-snippet
    }

    public static async Task<long> ScoreAsync(
        Workspace workspace, IDataSource customers, IObjectStore store, string night, CancellationToken cancellationToken)
    {
        // begin-snippet: lake-scoring
        var report = await workspace.ScoreAsync(
            "customer-churn",
            customers,
            DataSinks.ParquetObjects(store, "scores/churn", partitionBy: ["model_version"]),
            new() { Keep = ["customer_id"], KeyColumn = "customer_id", Table = night }, // a night that is done again is there once
            cancellationToken: cancellationToken);
        // end-snippet
        return report.Rows;
    }
}
