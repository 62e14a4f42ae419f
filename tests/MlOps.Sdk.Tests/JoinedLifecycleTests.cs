using System.Globalization;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Lifecycles whose rows are joined with other tables, from file to answer.</summary>
[TestFixture]
public sealed class JoinedLifecycleTests
{
    private static readonly DateTime Begin = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public async Task Run_PointInTimeFeatures_ServesWhatComesBehindTheJoin()
    {
        using var folder = new TempFolder();
        var features = WriteFeatures(folder, 0);
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var run = await Build(features, data => data.SplitByTime("at", 0.25)).RunAsync(workspace);

        // The label is the balance of the day before, so only features of the right time tell it.
        Assert.That(run.Deployment!.Holdout["roc_auc"].Value, Is.GreaterThan(0.99));
        var endpoint = workspace.Endpoint("joined");
        var poor = endpoint.Predict(new Dictionary<string, object?> { ["f_balance"] = 1.0, ["due"] = "15.03.2024" });
        var rich = endpoint.Predict(new Dictionary<string, object?> { ["f_balance"] = 99.0, ["due"] = "15.03.2024" });
        Assert.That(poor.Value.Label, Is.EqualTo("Yes"));
        Assert.That(rich.Value.Label, Is.EqualTo("No"));
        Assert.That(
            () => endpoint.Predict(new Dictionary<string, object?> { ["f_balance"] = 99.0, ["due"] = "soon" }),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'soon' matches none of the formats"));
    }

    [Test]
    public async Task Run_ReferenceChanged_IsProcessedAnewAndElseReused()
    {
        using var folder = new TempFolder();
        var features = WriteFeatures(folder, 0);
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = Build(features, data => data.SplitByGroup("customer"));
        await lifecycle.RunAsync(workspace);

        var same = await lifecycle.RunAsync(workspace);
        WriteFeatures(folder, 1);
        var changed = await lifecycle.RunAsync(workspace);

        Assert.That(same.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
        Assert.That(changed.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Collection).State, Is.EqualTo(StageState.Reused));
        Assert.That(
            changed.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Reason,
            Does.Contain("changed: step 1"));
    }

    private static Lifecycle Build(string features, Action<ProcessingBuilder> split)
    {
        var rows = Enumerable.Range(0, 1_200).Select(i => (Customer: i % 40, Day: 1 + i / 40)).Select(row => new
        {
            row.Customer,
            At = Begin.AddDays(row.Day).AddHours(12),
            Due = Begin.AddDays(row.Day + 14).ToString("dd.MM.yyyy", CultureInfo.InvariantCulture),
            Left = Balance(row.Customer, row.Day - 1) < 50 ? "Yes" : "No",
        });
        return LifecycleBuilder.Create("joined")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(rows, "rows"))
            .ProcessData(data => split(data
                .PointInTimeJoin(DataSources.Csv(features), ["customer"], time: "at", eventTime: "day", knownTime: "known", prefix: "f_")
                .ParseDates("due", ["dd.MM.yyyy"], "Europe/Berlin")))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
            .EngineerFeatures(feature => feature.Numeric(["f_balance", "due"]))
            .TrainModel(training => training.Try(Trainers.GradientBoosting(), search => search.Fix("trees", 20)).CrossValidate(3).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build();
    }

    // What happens on a day is known on the next morning.
    private static string WriteFeatures(TempFolder folder, int change)
    {
        var path = Path.Combine(folder.Path, "features.csv");
        var lines =
            from i in Enumerable.Range(0, 40 * 31)
            let customer = i % 40
            let day = i / 40
            let balance = Balance(customer, day) + (day == 5 ? change : 0)
            select FormattableString.Invariant(
                $"{customer},{Begin.AddDays(day):yyyy-MM-dd},{Begin.AddDays(day + 1):yyyy-MM-dd}T06:00:00,{balance}");
        File.WriteAllLines(path, ["customer,day,known,balance", .. lines]);
        return path;
    }

    private static double Balance(int customer, int day) => (customer * 31 + day * 47) % 100 + 0.25;
}
