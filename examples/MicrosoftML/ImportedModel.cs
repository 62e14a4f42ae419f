using Microsoft.ML;
using MlOps.Sdk;

namespace MicrosoftMLExample;

/// <summary>A model file of ML.NET is taken in as it stands, and an honest challenger tries to beat it.</summary>
internal static class ImportedModel
{
    private const string Name = "imported-churn";

    public static async Task RunAsync(Workspace workspace, string table, string folder)
    {
        var (train, judge) = Divide(table, folder);
        var zip = Path.Combine(folder, "model.zip");
        TrainElsewhere(train, zip);

        var imported = await workspace.Models.ImportMicrosoftMLAsync(Name, zip, import => import
            .Problem(problem => problem.BinaryClassification("churn", positive: "Yes"))
            .Judge(DataSources.Csv(judge), gates => gates.Optimize(Metric.RocAuc, atLeast: 0.70))
            .GoldenRows(50)
            .Description("The model that the website has used since spring."));
        Console.WriteLine("3 A model file of ML.NET as the champion");
        Console.WriteLine($"  {imported.Signature}. {imported.Serving} Written by ML.NET {imported.WrittenBy}.");
        Console.WriteLine(FormattableString.Invariant(
            $"  Version {imported.Result.Version.Version}: ROC AUC {imported.Result.Metrics["roc_auc"].Value:0.0000} on ") +
            $"{imported.Result.Rows} declared rows, live: {imported.Result.IsPromoted}");

        var run = await LifecycleBuilder.Create(Name)
            .DefineProblem(problem => problem.BinaryClassification("churn", positive: "Yes"))
            .CollectData(data => data.FromCsv(table))
            .ProcessData(data => data.Split(test: 0.2))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
            .TrainModel(training => training.Try(MicrosoftML.FastTree(options => options.Trees = 80)).CrossValidate(folds: 2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build().RunAsync(workspace);
        Console.WriteLine($"  The challenger: {run.Deployment!.Reason}");
    }

    // What a team has that used ML.NET alone: a pipeline of two columns, saved with the schema of its input.
    private static void TrainElsewhere(string csv, string zip)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromTextFile<CallRow>(csv, separatorChar: ',', hasHeader: true);
        var model = ml.Transforms.Categorical.OneHotEncoding("Contract", "contract")
            .Append(ml.Transforms.Concatenate("Features", "tenure", "Contract"))
            .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression("churn"))
            .Fit(data);
        ml.Model.Save(model, data.Schema, zip);
    }

    // Every fourth customer is kept to judge on, with all columns; the others were what the model was trained on.
    private static (string Train, string Judge) Divide(string table, string folder)
    {
        var lines = File.ReadAllLines(table);
        var header = lines[0].Replace("\"", "", StringComparison.Ordinal).Split(',');
        int[] at = [Array.IndexOf(header, "tenure"), Array.IndexOf(header, "contract"), Array.IndexOf(header, "churn")];
        string Row(string line)
        {
            var cells = line.Replace("\"", "", StringComparison.Ordinal).Split(',');
            return $"{cells[at[0]]},{cells[at[1]]},{(cells[at[2]] == "Yes" ? "true" : "false")}";
        }

        var (train, judge) = (Path.Combine(folder, "train.csv"), Path.Combine(folder, "judge.csv"));
        File.WriteAllLines(train, lines.Skip(1).Where((_, i) => i % 4 != 0).Select(Row).Prepend("tenure,contract,churn"));
        File.WriteAllLines(judge, lines.Skip(1).Where((_, i) => i % 4 == 0).Prepend(lines[0]));
        return (train, judge);
    }
}
