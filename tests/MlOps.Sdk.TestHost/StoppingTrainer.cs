using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Training;

/// <summary>
/// Trains like logistic regression until it has trained so often; then it says so and never ends: whoever started it kills it.
/// </summary>
/// <param name="most">How often it trains.</param>
/// <param name="isRecorded">Waits until what was trained is recorded.</param>
internal sealed class StoppingTrainer(int most, Func<Task> isRecorded) : ITrainer
{
    private readonly ITrainer _inner = Trainers.LogisticRegression();

    // What another process has otherwise: it decides no result.
    [NotInFingerprint]
    private readonly int _most = most;

    [NotInFingerprint]
    private readonly Func<Task> _isRecorded = isRecorded;

    [NotInFingerprint]
    private int _trained;

    public string Name => "stopping";

    public string Version => "1";

    public TrainerCapabilities Capabilities => _inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref _trained) > _most)
        {
            await _isRecorded();
            Console.WriteLine("waiting");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return await _inner.TrainAsync(context, cancellationToken);
    }

    /// <summary>Searches, with two folds and nine settings on one thread.</summary>
    /// <param name="workspaceFolder">The workspace.</param>
    /// <param name="csv">The rows.</param>
    /// <param name="most">After how many trainings it waits.</param>
    /// <param name="how"><c>run</c>, <c>resume</c> for the last run, or <c>again</c> without reuse.</param>
    public static async Task RunAsync(string workspaceFolder, string csv, int most, string how)
    {
        await using var workspace = await Workspace.OpenAsync(workspaceFolder);
        var trainer = new StoppingTrainer(most, async () =>
        {
            while ((await workspace.Runs.SearchAsync("kind = \"Trial\"")).Count < most / 2) await Task.Yield();
        });
        var lifecycle = LifecycleBuilder.Create("searched")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(csv))
            .TrainModel(training => training
                .Try(trainer, search => search.LogUniform("l2", 0.0001, 10_000))
                .CrossValidate(2).Trials(8).Threads(1))
            .DeployModel(deployment => deployment.ToProcess())
            .Build();
        var run = how == "resume"
            ? await lifecycle.ResumeAsync(workspace, (await workspace.Runs.LatestAsync("searched"))!.Id)
            : await lifecycle.RunAsync(workspace, new RunOptions { Reuse = how != "again" });
        Console.WriteLine(run.Deployment!.ContentHash);
        Console.WriteLine(trainer._trained.ToString(CultureInfo.InvariantCulture));
        Console.WriteLine(string.Join(
            "; ",
            run.Training!.Leaderboard.Trials.Select(trial => FormattableString.Invariant(
                $"{trial.Trial} {trial.Parameters["l2"]} {trial.Metrics[run.Training.Leaderboard.Metric].Value:R} {trial.Threshold:R}"))));
        Console.WriteLine(run.Explain().Split(Environment.NewLine).Single(line => line.Contains("Training", StringComparison.Ordinal)));
    }
}
