using MicrosoftMLExample;
using MlOps.Sdk;

// Everything is kept in a folder of its own, which is deleted at the end.
var folder = Directory.CreateTempSubdirectory("mlops-microsoft-ml-").FullName;
var data = Path.Combine(AppContext.BaseDirectory, "data");
try
{
    await using var workspace = await Workspace.OpenAsync(Path.Combine(folder, "workspace"), options => options.UseMicrosoftML());
    await ChurnTrainers.RunAsync(workspace, Path.Combine(data, "telco-churn.csv"));
    await ReviewedFoods.RunAsync(workspace, Path.Combine(data, "fine-foods-reviews.csv"));
    await ImportedModel.RunAsync(workspace, Path.Combine(data, "telco-churn.csv"), folder);
    return 0;
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
