using MlOps.Sdk;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

/// <summary>Says that training has begun, and never ends: whoever started the process kills it.</summary>
internal sealed class WaitingTrainer : ITrainer
{
    private int _said;

    public string Name => "waiting";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification]);

    public IReadOnlyList<Hyperparameter> Hyperparameters => [];

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _said, 1) == 0) Console.WriteLine("training");
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException();
    }

    public static async Task RunAsync(string workspaceFolder, string csv)
    {
        await using var workspace = await Workspace.OpenAsync(workspaceFolder);
        await LifecycleBuilder.Create("killed")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(csv))
            .TrainModel(training => training.Try(new WaitingTrainer()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build().RunAsync(workspace);
    }
}
