using MlOps.Sdk;
using MlOps.Sdk.Registry;

/// <summary>Trains two versions, and promotes them in turn whenever it is told to; every tenth time, it rolls back.</summary>
internal static class AlternatingPromotions
{
    public static async Task RunAsync(string folder, string csv)
    {
        await using var workspace = await Workspace.OpenAsync(folder);
        for (var version = 1; version <= 2; version++)
        {
            // The second is better.
            var trainer = version == 1 ? Trainers.Baseline() : Trainers.LogisticRegression();
            var run = await LifecycleBuilder.Create("promoted")
                .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
                .CollectData(data => data.FromCsv(csv))
                .TrainModel(training => training.Try(trainer).CrossValidate(2).Trials(0))
                .DeployModel(deployment => deployment.ToProcess())
                .Build()
                .RunAsync(workspace);
            if (!run.Deployment!.IsDeployed) throw new InvalidOperationException(run.Deployment.Reason);
        }

        Console.WriteLine("ready");
        var (live, turns) = (2, 0);
        while (Console.ReadLine() is not null)
        {
            var next = live == 2 ? 1 : 2;
            if (++turns % 10 == 0)
            {
                await workspace.Models.RollbackAsync("promoted", "in turn", next);
            }
            else
            {
                await workspace.Models.PromoteAsync(
                    await workspace.Models.GetBlessedAsync("promoted", next), ModelRegistry.Champion, live, "host", "in turn");
            }

            live = next;
            Console.WriteLine(live);
        }
    }
}
