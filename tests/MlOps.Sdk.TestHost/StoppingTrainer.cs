using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Training;

/// <summary>
/// Trains like logistic regression until it has trained so often; then it says so and never ends: whoever started it kills it.
/// </summary>
internal sealed class StoppingTrainer : ITrainer
{
    private static readonly ITrainer s_inner = Trainers.LogisticRegression();

    // Not of the instance, whose fields decide whether results are taken over.
    private static Func<Task>? s_isRecorded;
    private static int s_most;
    private static int s_trained;

    public string Name => "stopping";

    public string Version => "1";

    public TrainerCapabilities Capabilities => s_inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => s_inner.Hyperparameters;

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref s_trained) > s_most)
        {
            await s_isRecorded!();
            Console.WriteLine("waiting");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return await s_inner.TrainAsync(context, cancellationToken);
    }

    /// <summary>Searches, with two folds and nine settings on one thread.</summary>
    /// <param name="workspaceFolder">The workspace.</param>
    /// <param name="csv">The rows.</param>
    /// <param name="most">After how many trainings it waits.</param>
    /// <param name="how"><c>run</c>, <c>resume</c> for the last run, or <c>again</c> without reuse.</param>
    public static async Task RunAsync(string workspaceFolder, string csv, int most, string how)
    {
        s_most = most;
        await using var workspace = await Workspace.OpenAsync(workspaceFolder);
        s_isRecorded = async () =>
        {
            while ((await workspace.Runs.SearchAsync("kind = \"Trial\"")).Count < most / 2) await Task.Yield();
        };
        var lifecycle = LifecycleBuilder.Create("searched")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(csv))
            .TrainModel(training => training
                .Try(new StoppingTrainer(), search => search.LogUniform("l2", 0.0001, 10_000))
                .CrossValidate(2).Trials(8).Threads(1))
            .DeployModel(deployment => deployment.ToProcess())
            .Build();
        var run = how == "resume"
            ? await lifecycle.ResumeAsync(workspace, (await workspace.Runs.LatestAsync("searched"))!.Id)
            : await lifecycle.RunAsync(workspace, new RunOptions { Reuse = how != "again" });
        Console.WriteLine(run.Deployment!.ContentHash);
        Console.WriteLine(s_trained.ToString(CultureInfo.InvariantCulture));
        Console.WriteLine(string.Join(
            "; ",
            run.Training!.Leaderboard.Trials.Select(trial => FormattableString.Invariant(
                $"{trial.Trial} {trial.Parameters["l2"]} {trial.Metrics[run.Training.Leaderboard.Metric].Value:R} {trial.Threshold:R}"))));
        Console.WriteLine(run.Explain().Split(Environment.NewLine).Single(line => line.Contains("Training", StringComparison.Ordinal)));
    }
}
