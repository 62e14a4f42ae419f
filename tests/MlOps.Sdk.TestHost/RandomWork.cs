using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Registry;

/// <summary>
/// Does what a team does in a workspace, one deed after the other in a random order, until it is killed. It says what it begins
/// (<c>begin</c>) and, once that is acknowledged, what must be there from now on (<c>done</c>).
/// </summary>
internal static class RandomWork
{
    public const string Model = "promoted";

    public static async Task RunAsync(string folder, string csv, int seed)
    {
        var random = new Random(seed);
        await using var workspace = await Workspace.OpenAsync(folder);
        await using var officer = await Workspace.OpenAsync(folder, options =>
        {
            options.Actor = "officer";
            options.Roles.Add("risk-officer");
        });
        Console.WriteLine("ready");
        for (var deed = 0; ; deed++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{seed}-{deed}");
            switch (random.Next(6))
            {
                case 0: await LogAsync(workspace, name); break;
                case 1: await RunStagesAsync(workspace, csv, name); break;
                case 2: await PromoteAsync(workspace, name); break;
                case 3: await RollBackAsync(workspace, name); break;
                case 4: await ApproveAsync(workspace, officer, csv, name); break;
                case 5: await RepeatStageAsync(workspace, csv); break;
            }
        }
    }

    /// <summary>A lifecycle of all stages that is another one each time, so that each stage runs and a version is registered.</summary>
    public static Lifecycle LifecycleOf(string csv, string name) => LifecycleBuilder.Create(name)
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromCsv(csv))
        .TrainModel(training => training.Try(Trainers.Baseline()).CrossValidate(2).Trials(0))
        .DeployModel(deployment =>
        {
            deployment.ToProcess();
            if (name.StartsWith("asked-", StringComparison.Ordinal)) deployment.RequireApproval(approval => approval.By("risk-officer"));
        })
        .Build();

    private static async Task LogAsync(Workspace workspace, string name)
    {
        await using var run = await workspace.StartRunAsync($"log-{name}");
        Console.WriteLine($"done started {run.Id}");
        for (var step = 0; step < 5; step++)
        {
            var key = step.ToString(CultureInfo.InvariantCulture);
            await run.LogParameterAsync($"p{key}", name);
            Console.WriteLine($"done parameter {run.Id} p{key} {name}");
            await run.SetTagAsync($"t{key}", name);
            Console.WriteLine($"done tag {run.Id} t{key} {name}");
            run.LogMetric("loss", step, step);
            await run.FlushAsync();
            Console.WriteLine($"done metric {run.Id} loss {key}");
            await run.LogArtifactAsync($"a{key}", System.Text.Encoding.UTF8.GetBytes(name + key));
            Console.WriteLine($"done artifact {run.Id} a{key}");
        }

        await run.CompleteAsync();
        Console.WriteLine($"done succeeded {run.Id}");
    }

    private static async Task RunStagesAsync(Workspace workspace, string csv, string name)
    {
        Console.WriteLine($"begin run {name}");
        var run = await LifecycleOf(csv, $"work-{name}").RunAsync(workspace);
        Console.WriteLine($"done succeeded {run.Id}");
        Console.WriteLine($"done registered work-{name} {run.Deployment!.Version}");
    }

    private static async Task PromoteAsync(Workspace workspace, string name)
    {
        var live = (await workspace.Models.FindByAliasAsync(Model, ModelRegistry.Champion))!.Version;
        var next = live == 2 ? 1 : 2;
        var blessed = await workspace.Models.GetBlessedAsync(Model, next);
        Console.WriteLine($"begin move {next} {name}");
        await workspace.Models.PromoteAsync(blessed, ModelRegistry.Champion, live, "host", name);
        Console.WriteLine($"done move {next} {name}");
    }

    private static async Task RollBackAsync(Workspace workspace, string name)
    {
        var live = (await workspace.Models.FindByAliasAsync(Model, ModelRegistry.Champion))!.Version;
        var next = live == 2 ? 1 : 2;
        Console.WriteLine($"begin move {next} {name}");
        await workspace.Models.RollbackAsync(Model, name, next);
        Console.WriteLine($"done move {next} {name}");
    }

    private static async Task ApproveAsync(Workspace workspace, Workspace officer, string csv, string name)
    {
        var lifecycle = LifecycleOf(csv, $"asked-{name}");
        var run = await lifecycle.RunAsync(workspace);
        var request = run.Deployment!.AwaitsApproval!.Value;
        Console.WriteLine($"done requested {request} {run.Id}");
        await officer.Approvals.ApproveAsync(request, name);
        Console.WriteLine($"done approved {request} {name}");
        var ended = await lifecycle.ResumeAsync(workspace, run.Id);
        Console.WriteLine($"done succeeded {ended.Id}");
        Console.WriteLine($"done live {lifecycle.Name}");
    }

    private static async Task RepeatStageAsync(Workspace workspace, string csv)
    {
        var runs = await workspace.Runs.ListAsync(state: MlOps.Sdk.Tracking.RunState.Succeeded);
        if (runs.FirstOrDefault(run => run.Lifecycle.StartsWith("work-", StringComparison.Ordinal) && run.FromStage is null) is not { } of)
        {
            return;
        }
        var repeated = await LifecycleOf(csv, of.Lifecycle).RunStageAsync(workspace, LifecycleStage.Training, of.Id);
        Console.WriteLine($"done succeeded {repeated.Id}");
    }
}
