using MlOps.Sdk;

/// <summary>Runs a lifecycle whose version people must approve, and approves as one of them.</summary>
internal static class ApprovedLifecycle
{
    private const string Role = "risk-officer";

    /// <summary>Runs it, and says the run and the approval that it waits for.</summary>
    public static async Task RunAsync(string folder, string csv)
    {
        await using var workspace = await Workspace.OpenAsync(folder, options => options.Actor = "trainer");
        var run = await LifecycleBuilder.Create("approved")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(csv))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess().RequireApproval(approval => approval.By(Role)))
            .Build()
            .RunAsync(workspace);
        Console.WriteLine(run.Id);
        Console.WriteLine(run.Deployment!.AwaitsApproval);
    }

    /// <summary>Approves, says how the request stands or why not, and waits to be killed.</summary>
    public static async Task ApproveAsync(string folder, long approval, string actor)
    {
        await using var workspace = await Workspace.OpenAsync(folder, options =>
        {
            options.Actor = actor;
            options.Roles.Add(Role);
        });
        try
        {
            Console.WriteLine((await workspace.Approvals.ApproveAsync(approval, "checked")).State);
        }
        catch (MlOpsException e)
        {
            Console.WriteLine(e.Problem);
        }

        Console.ReadLine();
    }
}
