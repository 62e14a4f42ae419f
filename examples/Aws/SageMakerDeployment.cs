using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;

namespace AwsExample;

/// <summary>Says what a deployment creates before it does.</summary>
internal static class SageMakerDeployment
{
    /// <summary>The version of a model that is live in a workspace.</summary>
    public static async Task<DesiredDeployment> FindAsync(Workspace workspace, string model)
    {
        var version = await workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion)
            ?? throw new MlOpsException($"No version of '{model}' is live in the workspace.", "Run its lifecycle first.");
        var history = await workspace.Models.AliasHistoryAsync(model, ModelRegistry.Champion);
        return new DesiredDeployment(
            model,
            await workspace.Models.GetBlessedAsync(model, version.Version),
            await workspace.Artifacts.ReadAllAsync(version.PackageId))
        {
            PromotedAt = history.First(move => move.Version == version.Version).At,
        };
    }

    /// <summary>Writes the plan, and carries it out if it is to.</summary>
    public static async Task RunAsync(SageMakerTarget target, DesiredDeployment desired, string bucket, bool applies, TextWriter to)
    {
        var plan = await target.PlanAsync(desired);
        await to.WriteLineAsync($"Version {plan.Version} of '{desired.Endpoint}' at the SageMaker endpoint '{plan.Endpoint}':");
        foreach (var (what, value) in Lines(plan, bucket)) await to.WriteLineAsync($"  {what,-14} {value}");
        if (!applies)
        {
            await to.WriteLineAsync("Nothing was created. Add --apply to do it; the machines cost money from then on.");
            return;
        }

        await target.ApplyAsync(desired);
        var observed = await target.ObserveAsync(desired.Endpoint);
        await to.WriteLineAsync($"The endpoint serves version {observed.Version}, and answers as this machine does.");
    }

    private static IEnumerable<(string What, string Value)> Lines(SageMakerPlan plan, string bucket)
    {
        var instances = string.Create(
            CultureInfo.InvariantCulture, $"{plan.InstanceCount} × {plan.InstanceType} per variant, {plan.Variants} variant(s)");
        yield return ("action", plan.Action switch
        {
            SageMakerAction.Create => "create the endpoint",
            SageMakerAction.Update => $"update the endpoint from '{plan.Served}'; the old machines run until the new ones serve",
            SageMakerAction.Replace => "delete the endpoint, which has failed, and create it again",
            _ => "none; the version is served, and its answers are verified",
        });
        yield return ("bucket", bucket);
        yield return ("archive", plan.UploadsArchive ? $"{plan.Archive}, about {plan.ArchiveBytes / 1024 + 1} KiB" : "there already");
        yield return ("image", plan.Image);
        yield return ("role", plan.RoleArn);
        yield return ("model", plan.Model);
        yield return ("configuration", plan.Configuration);
        yield return ("machines", instances);
    }
}
