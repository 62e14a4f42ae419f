using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>A lifecycle whose features and model are a team's own, and what two processes have to agree on.</summary>
public static class PluginLifecycle
{
    public const string Name = "returns";

    public static Lifecycle Build() => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem.BinaryClassification(label: "returned", positive: "yes"))
        .CollectData(data => data.FromObjects(Order.Draw(500, seed: 1)))
        .ProcessData(data => data.Split(test: 0.25))
        .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.6))
        .EngineerFeatures(features => features.Apply(new LogScale("amount", "items")).OneHot(["channel"]))
        .TrainModel(training => training
            .Try(new NearestCentroidTrainer(), search => search.LogUniform("sharpness", 0.1, 10))
            .CrossValidate(3)
            .Trials(3)
            .Threads(1))
        .DeployModel(deployment => deployment.ToProcess())
        .Build();

    public static void AddReaders(FormatReaders readers) => readers
        .Add<IFittedTransform>(FittedLogScale.Format, FittedLogScale.Read)
        .Add<IModel>(NearestCentroidModel.Format, NearestCentroidModel.Read);

    /// <summary>The scores of some orders, as their bits.</summary>
    public static IReadOnlyList<string> Predict(Workspace workspace, string model)
    {
        var endpoint = workspace.Endpoint<Order, double>(model);
        return [.. Order.Draw(100, seed: 2)
            .Select(order => BitConverter.DoubleToInt64Bits(endpoint.Predict(order).Value).ToString("x16", CultureInfo.InvariantCulture))];
    }
}
