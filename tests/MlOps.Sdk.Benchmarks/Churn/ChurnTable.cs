using CustomerChurn;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Benchmarks;

/// <summary>The customers of the churn example; the table is a resource, since benchmarks run in folders of their own.</summary>
internal static class ChurnTable
{
    /// <summary>Writes the table to a new temporary file, which the caller deletes.</summary>
    public static string WriteToFile()
    {
        var path = Path.Combine(Path.GetTempPath(), $"mlops-benchmarks-{Guid.NewGuid():N}.csv");
        using var from = typeof(ChurnTable).Assembly.GetManifestResourceStream("telco-churn.csv")!;
        using var to = File.Create(path);
        from.CopyTo(to);
        return path;
    }

    public static async Task<(Dataset Rows, IReadOnlyList<Customer> Customers)> ReadAsync()
    {
        var path = WriteToFile();
        try
        {
            return (await DataSources.Csv(path).ReadAllAsync(default), await CustomerTable.ReadAsync(path, default));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
