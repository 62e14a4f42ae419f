namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>Comparisons with Microsoft.ML itself, side by side in one process.</summary>
internal static class MLNetJobs
{
    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["microsoft-ml", "data"]: await DataJob.RunAsync(); return 0;
            case ["microsoft-ml", "rows"]: await RowsJob.RunAsync(); return 0;
            case ["microsoft-ml", "training"]: await TrainingJob.RunAsync(); return 0;
            case ["microsoft-ml", "serving"]: await ServingJob.RunAsync(); return 0;
            default:
                Console.WriteLine("Usage: -- microsoft-ml data|rows|serving|training");
                return 1;
        }
    }
}
