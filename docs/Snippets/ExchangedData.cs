using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;

namespace Acme;

/// <summary>Rows that go to Microsoft.ML, and rows that come from there.</summary>
internal static class ExchangedData
{
    public static MetricValue TrainAndJudge(Dataset customers, TextWriter output)
    {
        // begin-snippet: dataset-as-view
        var ml = new MLContext(seed: 1);
        var view = customers.AsDataView(["tenure", "total_charges", "contract", "churn"]); // or ml.Data.FromMlOps(customers, […])
        foreach (var note in view.Notes) output.WriteLine(note); // where ML.NET sees something else than the table holds

        var split = ml.Data.TrainTestSplit(view, testFraction: 0.2);
        var leaves = new Dictionary<string, bool> { ["Yes"] = true, ["No"] = false };
        var model = ml.Transforms.Conversion
            .ConvertType([new InputOutputColumnPair("tenure"), new InputOutputColumnPair("total_charges")], DataKind.Single)
            .Append(ml.Transforms.Categorical.OneHotEncoding("contract"))
            .Append(ml.Transforms.Concatenate("Features", "tenure", "total_charges", "contract"))
            .Append(ml.Transforms.Conversion.MapValue("Label", leaves, "churn"))
            .Append(ml.BinaryClassification.Trainers.FastTree())
            .Fit(split.TrainSet);

        var scored = model.Transform(split.TestSet);
        var auc = Metric.RocAuc.Compute(Evaluation.FromDataView(scored, label: "Label", score: "Probability"));
        // end-snippet
        return auc;
    }

    public static async Task<long> CountAsync(string path, CancellationToken cancellationToken)
    {
        // begin-snippet: source-as-view
        // Read once, into a temporary file.
        using var view = await DataSources.Csv(path).AsDataViewAsync(["tenure", "churn"], cancellationToken);
        // end-snippet
        return view.GetRowCount()!.Value;
    }

    public static CollectionBuilder Legacy(CollectionBuilder data, IDataView view)
    {
        // begin-snippet: view-as-source
        data.From(DataSources.FromDataView("legacy", view));
        // end-snippet
        return data;
    }
}
