using Microsoft.ML;
using MlOps.Sdk;

namespace MicrosoftMLExample;

/// <summary>Imports a model file of ML.NET unchanged, and an honest challenger tries to beat it.</summary>
internal static class ImportedModel
{
    private const string Name = "imported-churn";

    public static async Task RunAsync(Workspace workspace, string table, string folder, CancellationToken cancellationToken)
    {
        var (train, judge) = Divide(table, folder);
        var zip = Path.Combine(folder, "model.zip");
        TrainElsewhere(train, zip);

        var imported = await workspace.Models.ImportMicrosoftMLAsync(
            Name,
            zip,
            import => import
                .Problem(problem => problem.BinaryClassification("churn", positive: "Yes"))
                .Judge(DataSources.Csv(judge), gates => gates.Optimize(Metric.RocAuc, atLeast: 0.70))
                .GoldenRows(50)
                .Description("The model that the website has used since spring."),
            cancellationToken: cancellationToken);
        var champion = imported.Result;
        Console.WriteLine("3 A model file of ML.NET as the champion");
        Console.WriteLine($"  The file {imported.Signature}. {imported.Serving}");
        Console.WriteLine(FormattableString.Invariant(
            $"  Version {champion.Version.Version} is {(champion.IsPromoted ? "live" : "not live")}: ROC AUC ") +
            FormattableString.Invariant($"{champion.Metrics["roc_auc"].Value:0.0000} on {champion.Rows} declared rows"));

        var run = await LifecycleBuilder.Create(Name)
            .DefineProblem(problem => problem.BinaryClassification("churn", positive: "Yes"))
            .CollectData(data => data.FromCsv(table))
            .ProcessData(data => data.Split(test: 0.2))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
            .TrainModel(training => training.Try(MicrosoftML.FastTree(options => options.Trees = 80)).CrossValidate(folds: 2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build().RunAsync(workspace, cancellationToken: cancellationToken);
        var challenge = run.Deployment!;
        var live = challenge.IsDeployed ? "live" : "not live";
        Console.WriteLine($"  Its challenger, version {challenge.Version}, is {live}: {challenge.Reason}");
        // The library seals the declared rows; what the file had been trained on before, it cannot know.
        Console.WriteLine(FormattableString.Invariant(
            $"  Of these rows, the imported model had been trained on {challenge.HoldoutRows - champion.Rows}, which favours it."));
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
