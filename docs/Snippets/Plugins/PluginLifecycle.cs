using MlOps.Sdk;
using MlOps.Sdk.Features;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;

namespace Acme;

/// <summary>Every plug-in of the docs in one lifecycle.</summary>
internal static class PluginLifecycle
{
    public static async Task<Workspace> OpenAsync(string folder)
    {
        // begin-snippet: register-readers
        var workspace = await Workspace.OpenAsync(folder, options => options.Readers
            .Add<IRowProcessor>(new CapColumnReader())
            .Add<IFittedTransform>(new LogScaleReader())
            .Add<IModel>(new StumpReader()));
        // end-snippet
        return workspace;
    }

    public static Lifecycle Build(string csv, string folder, TextWriter alerts)
    {
        // begin-snippet: use-plugins
        var lifecycle = LifecycleBuilder.Create("churn-with-plugins")
            .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes").ForRetention())
            .CollectData(data => data.From(DataSources.Csv(csv))) // or From(new JsonLinesSource(…))
            .ProcessData(data => data
                .Expect(new AtMostMissing("total_charges", 0.05), OnFailure.Warn)
                .Apply(new CapColumn("total_charges", 8_000)))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc).Report(new CostPerRow(20, 100)))
            .ExploreData(explore => explore.Test(new MedianIsHigher("Those who leave pay more", "monthly_charges", "churn", "Yes")))
            .EngineerFeatures(features => features.Apply(new LogScale("total_charges")).OneHot(["contract"]))
            .TrainModel(training => training
                .Try(new StumpTrainer(), search => search.LogUniform("smoothing", 0.5, 10))
                .Trials(2)
                .CrossValidate(folds: 3))
            .DeployModel(deployment => deployment.ToProcess().To(new FolderTarget(folder)).Roll(new CallsAtMost(300)))
            .MonitorModel(monitoring => monitoring.Watch(new MissingValues(material: 0.05)).Alert(new TextAlerts(alerts)))
            .Build();
        // end-snippet
        return lifecycle;
    }
}
