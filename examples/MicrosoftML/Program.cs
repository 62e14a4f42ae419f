using MicrosoftMLExample;
using MlOps.Sdk;

// Everything is kept in its own folder, which is deleted at the end.
var folder = Directory.CreateTempSubdirectory("mlops-microsoft-ml-").FullName;
var data = Path.Combine(AppContext.BaseDirectory, "data");
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    await using var workspace = await Workspace.OpenAsync(
        Path.Combine(folder, "workspace"), options => options.UseMicrosoftML(), stop.Token);
    await ChurnTrainers.RunAsync(workspace, Path.Combine(data, "telco-churn.csv"), stop.Token);
    await ReviewedFoods.RunAsync(workspace, Path.Combine(data, "fine-foods-reviews.csv"), stop.Token);
    await ImportedModel.RunAsync(workspace, Path.Combine(data, "telco-churn.csv"), folder, stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("Cancelled.");
    return 2;
}
catch (MlOpsException e)
{
    Console.WriteLine($"Stage {e.Stage?.ToString() ?? "—"}: {e.Message}");
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
