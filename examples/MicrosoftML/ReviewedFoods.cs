using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Transforms.Text;
using MlOps.Sdk;

namespace MicrosoftMLExample;

/// <summary>Text: ML.NET makes more than 100,000 sparse features of the words, and the built-in linear trainer learns from them.</summary>
internal static class ReviewedFoods
{
    public static async Task RunAsync(Workspace workspace, string table, CancellationToken cancellationToken)
    {
        var lifecycle = LifecycleBuilder.Create("reviewed-foods")
            .DefineProblem(problem => problem.BinaryClassification(label: "score", positive: "great"))
            .CollectData(data => data.FromCsv(table))
            .ProcessData(data => data.Split(new PartSplitter()))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.75))
            .EngineerFeatures(features => features.MicrosoftML("words", ["review"], ml => ml.Transforms.Text
                .NormalizeText("Text", "review", keepPunctuations: false)
                .Append(ml.Transforms.Text.TokenizeIntoWords("Words", "Text"))
                .Append(ml.Transforms.Conversion.MapValueToKey("Terms", "Words"))
                .Append(ml.Transforms.Text.ProduceNgrams(
                    "Counts", "Terms", ngramLength: 2, weighting: NgramExtractingEstimator.WeightingCriteria.TfIdf))
                .Append(ml.Transforms.NormalizeLpNorm("Features", "Counts"))))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(folds: 2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build();

        var run = await lifecycle.RunAsync(workspace, cancellationToken: cancellationToken);
        var auc = run.Deployment!.Holdout["roc_auc"];
        var answer = workspace.Endpoint("reviewed-foods").Predict(
            new Dictionary<string, object?> { ["review"] = "I love it, the best coffee I ever had. Highly recommended!" });

        Console.WriteLine("2 Text: sparse features of ML.NET, the built-in logistic regression");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {run.Features!.Slots.Count} features; ROC AUC {auc.Value:0.0000} on {run.Deployment.HoldoutRows} reviews held out, " +
            $"95 % interval [{auc.Lower:0.000}, {auc.Upper:0.000}]"));
        Console.WriteLine("  scikit-learn's TfidfVectorizer and LogisticRegression on the same rows: ROC AUC 0.8446");
        Console.WriteLine(FormattableString.Invariant($"  A review that praises: P(great) = {answer.Value.Score:0.00}"));
        Console.WriteLine();
    }
}
