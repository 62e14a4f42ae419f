using System.Data.Common;
using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Processing;

namespace Acme;

/// <summary>Rows that stay where they are: profiled, checked, compared and split in SQL.</summary>
internal static class WarehouseTables
{
    public static CollectionBuilder Collect(CollectionBuilder data, string lake)
    {
        // begin-snippet: duckdb-source
        data.FromDuckDb(
            $"SELECT id, customer, amount FROM '{lake}/*.parquet' WHERE amount >= $least AND id > $after ORDER BY id",
            duck =>
            {
                duck.MemoryLimit = 2_000_000_000;          // above it, temporary files
                duck.Files.Add($"{lake}/*.parquet");       // the version is that of their bytes
                duck.Reading.Parameters["least"] = 10;
                duck.Reading.Increasing("id", parameter: "after");
            });
        // end-snippet
        return data;
    }

    public static async Task<(DatasetProfile, IReadOnlyList<ExpectationResult>, TableComparison, TableSplit)> AskAsync(
        string lake, CancellationToken cancellationToken)
    {
        // begin-snippet: warehouse-duckdb
        var duck = Warehouse.DuckDb();
        var orders = duck.Query($"SELECT * FROM '{lake}/orders.parquet'", "orders");
        var earlier = duck.Query($"SELECT * FROM '{lake}/earlier.parquet'", "earlier orders");

        var profile = await orders.ProfileAsync(cancellationToken);
        var results = await orders.CheckAsync(
            check => check
                .Expect(rows => rows.Column("id").Unique())
                .Expect(rows => rows.Column("amount").Between(0, 10_000), mostly: 0.99),
            cancellationToken);
        var comparison = await orders.CompareAsync(earlier, cancellationToken: cancellationToken);
        var split = await orders.SplitAsync("order-value", test: 0.2, key: ["id"], cancellationToken);
        var holdout = await split.Holdout.ToSource().ReadAllAsync(cancellationToken);   // or profile it, or train on split.Train
        // end-snippet
        return holdout.RowCount == split.HoldoutRows ? (profile, results, comparison, split) : throw new InvalidOperationException();
    }

    public static WarehouseTable InPostgreSql(DbDataSource database)
    {
        // begin-snippet: warehouse-postgresql
        var warehouse = new Warehouse(database, WarehouseDialects.PostgreSql, options =>
        {
            options.CommandTimeout = TimeSpan.FromMinutes(30);
            options.Progress = new Progress<WarehouseProgress>(now => Console.WriteLine($"{now.Table}: {now.Step}"));
        });
        var orders = warehouse.Table("sales", "orders").PartitionedBy("region");
        // end-snippet
        return orders;
    }

    public static ProcessingBuilder Process(ProcessingBuilder data) =>
        // begin-snippet: split-portably
        data.SplitPortably(0.2, "id");
    // end-snippet
}
