namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>Comparisons with Microsoft.ML itself, side by side in one process.</summary>
internal static class MLNetJobs
{
    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["microsoft-ml", "data"]: await DataJob.RunAsync().ConfigureAwait(false); return 0;
            default:
                Console.WriteLine("Usage: -- microsoft-ml data");
                return 1;
        }
    }
}
