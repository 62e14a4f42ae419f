using Microsoft.ML;
using Microsoft.ML.Transforms;
using MlOps.Sdk;

namespace MicrosoftMLExample;

/// <summary>Trainers of ML.NET and a pipeline of one's own compete with the built-in trainers on the same folds.</summary>
internal static class ChurnTrainers
{
    public static async Task RunAsync(Workspace workspace, string table)
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
                    .Try(MicrosoftML.FastTree(options => options.Trees = 60), search => search.LogUniform("learningRate", 0.05, 0.3))
                    .Try(MicrosoftML.LbfgsLogisticRegression())
                    .TryPipeline(MicrosoftML.Pipeline("own-pipeline", "1", Pipeline))
                    .CrossValidate(folds: 3).Trials(2);

                // LightGBM has libraries for x64 only; a lifecycle with it says so when it is built elsewhere.
                if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
                    == System.Runtime.InteropServices.Architecture.X64)
                {
                    training.Try(MicrosoftML.LightGbm());
                }
            })
            .DeployModel(deployment => deployment.ToProcess())
            .Build();

        var run = await lifecycle.RunAsync(workspace);

        Console.WriteLine("1 Trainers of ML.NET on the same folds as the built-in ones");
        foreach (var trial in run.Training!.Leaderboard.Trials)
        {
            Console.WriteLine(trial.Error is { } error
                ? $"  {trial.Candidate,-28} failed: {error}"
                : FormattableString.Invariant($"  {trial.Candidate,-28} ROC AUC {trial.Metrics["roc_auc"].Value:0.0000}"));
        }

        Console.WriteLine($"  {run.Deployment!.Reason}");
        Console.WriteLine();
    }

    // As it stands in a program that uses ML.NET alone; the label is named by the problem.
    private static IEstimator<ITransformer> Pipeline(MLContext ml, MlOps.Sdk.MLNet.PipelineSettings settings) => ml.Transforms.Categorical
        .OneHotEncoding([new InputOutputColumnPair("contract"), new InputOutputColumnPair("internet_service")])
        .Append(ml.Transforms.ReplaceMissingValues("total_charges", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean))
        .Append(ml.Transforms.Concatenate("Features", "tenure", "monthly_charges", "total_charges", "contract", "internet_service"))
        .Append(ml.BinaryClassification.Trainers.FastForest(settings.Label, numberOfTrees: 50));
}
