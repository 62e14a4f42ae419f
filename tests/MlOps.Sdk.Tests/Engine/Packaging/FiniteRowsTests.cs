using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packaging;

[TestFixture]
public sealed class FiniteRowsTests
{
    [TestCase(double.NaN, "missing")]
    [TestCase(double.PositiveInfinity, "infinite")]
    public async Task Predict_FeatureThatTrainingRefused_IsRefused(double value, string what)
    {
        await using var temporary = await ServeAsync(Trainers.LogisticRegression());
        var endpoint = temporary.Workspace.Endpoint("raw");

        Assert.That(endpoint.Predict(Row(3.5)).Value.Score, Is.InRange(0.0, 1.0));
        Assert.That(
            () => endpoint.Predict(Row(value)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"'size' of row 0 is {what}").And.Property("Column").EqualTo("size"));
        Assert.That(endpoint.Predict(Row(3.5)).Value.Score, Is.InRange(0.0, 1.0));
    }

    [Test]
    public async Task Predict_MissingFeatureThatTheTrainerUnderstands_IsAnswered()
    {
        await using var temporary = await ServeAsync(Trainers.GradientBoosting());

        var endpoint = temporary.Workspace.Endpoint("raw");

        Assert.That(endpoint.Predict(Row(double.NaN)).Value.Score, Is.InRange(0.0, 1.0));
    }

    [Test]
    public async Task Score_ManyRows_NamesTheRow()
    {
        await using var temporary = await ServeAsync(Trainers.LogisticRegression());
        var version = (await temporary.Workspace.Models.ListAsync("raw")).Single();
        using var package = PackageFile.Read(
            await temporary.Workspace.Artifacts.ReadAllAsync(version.PackageId), temporary.Workspace.Readers);
        var rows = await DataSources.Objects(
            Enumerable.Range(0, 700).Select(i => new Box(i == 613 ? double.NaN : i, "small")).ToArray(), "boxes").ReadAllAsync();

        Assert.That(() => package.Score(rows), Throws.TypeOf<MlOpsException>().With.Message.Contains("of row 613 is missing"));
    }

    [Test]
    public void CheckFeatures_AnyPlace_IsFound([Range(1, 19)] int width)
    {
        var slots = Enumerable.Range(0, width).Select(i => new FeatureSlot($"f{i}", $"c{i}")).ToArray();
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (var at = 0; at < 3 * width; at++)
            {
                var values = new float[3 * width];
                values.AsSpan().Fill(float.MaxValue);
                FiniteRows.CheckFeatures(new FeatureBlock(values, width), slots, 10);
                values[at] = bad;

                Assert.That(
                    () => FiniteRows.CheckFeatures(new FeatureBlock(values, width), slots, 10),
                    Throws.TypeOf<MlOpsException>().With.Message.Contains($"'f{at % width}' of row {10 + at / width} is"));
            }
        }
    }

    [Test]
    public void CheckFeatures_SparseValue_IsFound()
    {
        var slots = Enumerable.Range(0, 9).Select(i => new FeatureSlot($"f{i}", "c")).ToArray();

        Assert.That(
            () => FiniteRows.CheckFeatures(
                new FeatureBlock([1, 2], 1, 9, [0, 2, 4], [3, 4, 5, 8], [1, 1, 1, float.NaN]), slots, 0),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'f8' of row 1 is missing"));
    }

    [TestCase(double.NaN)]
    [TestCase(double.NegativeInfinity)]
    public void CheckScores_NoNumber_IsFound(double score)
    {
        FiniteRows.CheckScores([0, double.MaxValue, double.MinValue], 1, 0);

        Assert.That(
            () => FiniteRows.CheckScores([0, 1, 2, score], 2, 7),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("for row 8"));
    }

    private static async Task<TemporaryWorkspace> ServeAsync(ITrainer trainer)
    {
        var temporary = await TemporaryWorkspace.OpenAsync(options => options.Readers.Add(new RawNumber.Reader()));
        var random = new Random(4);
        var boxes = Enumerable.Range(0, 400)
            .Select(_ => random.NextDouble() * 10)
            .Select(size => new Box(size, size + random.NextDouble() * 4 > 7 ? "large" : "small"))
            .ToArray();
        var run = await LifecycleBuilder.Create("raw")
            .DefineProblem(problem => problem.BinaryClassification("kind", positive: "large"))
            .CollectData(data => data.From(DataSources.Objects(boxes, "boxes")))
            .EngineerFeatures(features => features.Apply(new RawNumber("size")))
            .TrainModel(training => training.Try(trainer).CrossValidate(2))
            .DeployModel(deployment => deployment.ToProcess())
            .Build()
            .RunAsync(temporary.Workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        return temporary;
    }

    private static Dictionary<string, object?> Row(double size) => new() { ["size"] = size };

    private sealed record Box(double Size, string Kind);
}
