using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace CustomExtension.Tests;

/// <summary>All of the extension in one lifecycle.</summary>
[TestFixture]
public sealed class LifecycleTests
{
    [Test]
    public async Task RunAsync_WithEveryPlugin_ServesAndWatches()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.Readers
            .Add<IFittedTransform>(new RobustScale.Reader())
            .Add<IModel>(new GaussianNaiveBayes.Reader()));
        var table = Path.Combine(temporary.Path, "visits.txt");
        await File.WriteAllLinesAsync(table, Lines());
        var server = new MemoryServer();
        var lifecycle = LifecycleBuilder.Create("visits")
            .DefineProblem(problem => problem.BinaryClassification("bought", positive: "yes"))
            .CollectData(data => data.From(new FixedWidthSource(
                table, new FixedWidthColumn("amount", ColumnType.Number, 0, 8), new FixedWidthColumn("bought", ColumnType.Text, 8, 3))))
            .EngineerFeatures(features => features.Apply(new RobustScale("amount")))
            .TrainModel(training => training.Try(new GaussianNaiveBayes()).CrossValidate(folds: 3).Trials(0))
            .DeployModel(deployment => deployment
                .ToProcess()
                .To(new ModelServerTarget(new HttpClient(server) { BaseAddress = new Uri("http://models.invalid/") })))
            .MonitorModel(monitoring => monitoring.Watch(new MedianShift(material: 0.1)))
            .Build();

        var run = await lifecycle.RunAsync(temporary.Workspace);
        var endpoint = temporary.Workspace.Endpoint("visits");
        for (var i = 0; i < 300; i++) endpoint.Predict(new Dictionary<string, object?> { ["amount"] = 150.0 + i });
        var report = await temporary.Workspace.Monitor("visits").CheckAsync();

        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        Assert.That(server.Paths, Is.EqualTo(new[] { "/visits/1", "/visits/live" }));
        Assert.That(report!.Changes.Select(finding => finding.Measurement.Subject), Is.EqualTo(new[] { "amount" }));
    }

    private static IEnumerable<string> Lines()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var amount = 100 + 50 * random.NextDouble();
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{amount,8:0.00}{(amount + 20 * random.NextDouble() > 135 ? "yes" : "no")}");
        }
    }
}
