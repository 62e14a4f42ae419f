using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using MlOps.Sdk;

namespace MicrosoftMLExample;

/// <summary>Trainers of ML.NET and a pipeline of one's own compete with the built-in trainers on the same folds.</summary>
internal static class ChurnTrainers
{
    public static async Task RunAsync(Workspace workspace, string table, CancellationToken cancellationToken)
    {
        var lifecycle = LifecycleBuilder.Create("churn-trainers")
            .DefineProblem(problem => problem
                .BinaryClassification(label: "churn", positive: "Yes")
                .Cost(falsePositive: 20, falseNegative: 100))
            .CollectData(data => data.FromCsv(table))
            .ProcessData(data => data.DropDuplicates().Split(test: 0.2))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.80))
            .TrainModel(training =>
            {
                training
                    .Try(Trainers.GradientBoosting(options => options.Trees = 60))
                    .Try(MicrosoftML.FastTree(options => options.Trees = 60), search => search
                        .LogUniform(FastTree.LearningRate, 0.05, 0.3)
                        .Integer(FastTree.Leaves, 4, 40))
                    .Try(MicrosoftML.LbfgsLogisticRegression())
                    .TryPipeline(MicrosoftML.Pipeline("own-pipeline", "1", Pipeline))
                    .CrossValidate(folds: 3).Trials(2);

                // Build() rejects a trainer on machines that it has no library for.
                if (HasLightGbm) training.Try(MicrosoftML.LightGbm());
            })
            .DeployModel(deployment => deployment.ToProcess())
            .Build();

        var run = await lifecycle.RunAsync(workspace, cancellationToken: cancellationToken);
        var training = run.Training!;
        var auc = run.Deployment!.Holdout["roc_auc"];

        Console.WriteLine("1 Trainers of ML.NET on the same folds as the built-in ones, best first");
        foreach (var trial in training.Leaderboard.Trials)
        {
            var settings = string.Join(", ", trial.Parameters
                .Where(parameter => parameter.Key is "learningRate" or "leaves")
                .Select(parameter => FormattableString.Invariant($"{parameter.Key} {parameter.Value.AsNumber():0.###}")));
            Console.WriteLine(trial.Error is { } error
                ? $"  {trial.Candidate,-26} {settings,-29} failed: {error}"
                : FormattableString.Invariant($"  {trial.Candidate,-26} {settings,-29} ROC AUC {trial.Metrics["roc_auc"].Value:0.0000}"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  The best is '{training.Trainer}': ROC AUC {auc.Value:0.0000} on {run.Deployment.HoldoutRows} customers held out, " +
            $"95 % interval [{auc.Lower:0.000}, {auc.Upper:0.000}]"));
        var live = run.Deployment.IsDeployed ? "live" : "not live";
        Console.WriteLine($"  Version {run.Deployment.Version} is {live}: {run.Deployment.Reason}");
        Console.WriteLine();
    }

    private static bool HasLightGbm => RuntimeInformation.ProcessArchitecture == Architecture.X64
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
        && !RuntimeInformation.RuntimeIdentifier.StartsWith("alpine", StringComparison.Ordinal);

    // As it stands in a program that uses ML.NET alone; the label is named by the problem.
    private static IEstimator<ITransformer> Pipeline(MLContext ml, MlOps.Sdk.MLNet.PipelineSettings settings) => ml.Transforms.Categorical
        .OneHotEncoding([new InputOutputColumnPair("contract"), new InputOutputColumnPair("internet_service")])
        .Append(ml.Transforms.ReplaceMissingValues("total_charges", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean))
        .Append(ml.Transforms.Concatenate("Features", "tenure", "monthly_charges", "total_charges", "contract", "internet_service"))
        .Append(ml.BinaryClassification.Trainers.FastForest(settings.Label, numberOfTrees: 50));
}
