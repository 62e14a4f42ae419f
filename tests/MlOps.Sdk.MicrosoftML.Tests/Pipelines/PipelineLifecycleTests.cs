using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class PipelineLifecycleTests
{
    private static readonly Dataset s_rows = PipelineRows.Only(
        PipelineRows.Create(500), "tenure", "visits", "member", "contract", "review", "churn");

    [Test]
    public async Task RunAsync_Pipeline_IsDeployedAndServedByManyThreadsAndByTheNextProcess()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var lifecycle = Lifecycle(builder => builder
            .TrainModel(training => training
                .TryPipeline(MicrosoftML.Pipeline("model-builder", "1", (ml, _) => PipelineSamples.ModelBuilder(ml)))
                .CrossValidate(folds: 3)));

        await lifecycle.RunAsync(temporary.Workspace);

        var endpoint = temporary.Workspace.Endpoint("customers");
        Assert.That(endpoint.Input.Select(field => field.Name), Has.None.EqualTo("churn"));
        var expected = Answers(endpoint);
        Assert.That(expected.Distinct().Count(), Is.GreaterThan(10));
        var found = new double[16][];
        Parallel.For(0, found.Length, i => found[i] = Answers(endpoint));
        Assert.That(found, Is.All.EqualTo(expected));

        var reopened = await temporary.ReopenAsync();
        await reopened.ServeAsync("customers");
        Assert.That(Answers(reopened.Endpoint("customers")), Is.EqualTo(expected));
    }

    [Test]
    public async Task RunAsync_WorkspaceWithoutTheReaders_SaysSoBeforeAnythingIsTrained()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var built = 0;
        var counted = MicrosoftML.Pipeline("counted", "1", (ml, _) =>
        {
            built++;
            return PipelineSamples.ModelBuilder(ml);
        });
        var pipeline = Lifecycle(builder => builder.TrainModel(training => training.TryPipeline(counted).CrossValidate(folds: 2)));
        var trainer = Lifecycle(builder => builder
            .EngineerFeatures(features => features.Numeric(["tenure"]))
            .TrainModel(training => training.Try(MicrosoftML.Trainer("counted", "1", (ml, settings) =>
            {
                built++;
                return ml.BinaryClassification.Trainers.Prior();
            })).CrossValidate(folds: 2)));

        foreach (var lifecycle in new[] { pipeline, trainer })
        {
            Assert.That(
                async () => await lifecycle.RunAsync(temporary.Workspace),
                Throws.TypeOf<MlOpsException>()
                    .With.Message.Contains("UseMicrosoftML()").And.Property("Stage").EqualTo(LifecycleStage.Training));
        }

        Assert.That(built, Is.Zero);
    }

    [Test]
    public async Task RunAsync_TransformAndTrainerOfTheCore_IsDeployedAndServed()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var lifecycle = Lifecycle(builder => builder
            .EngineerFeatures(features => features
                .Numeric(["tenure"])
                .MicrosoftML("words", ["review"], ml => ml.Transforms.Text.FeaturizeText("Features", "review")))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(folds: 2)));

        await lifecycle.RunAsync(temporary.Workspace);

        var champion = (await temporary.Workspace.Models.FindByAliasAsync("customers", ModelRegistry.Champion))!;
        var graph = (await temporary.Workspace.ReadPackageAsync(champion)).Graph;
        Assert.That(graph.DenseWidth, Is.EqualTo(2), "Nothing makes the words dense.");
        Assert.That(graph.Slots, Has.Count.GreaterThan(OutputSlots.WidestDense));
        var expected = Answers(temporary.Workspace.Endpoint("customers"));
        Assert.That(expected.Distinct().Count(), Is.GreaterThan(10));
        var reopened = await temporary.ReopenAsync();
        await reopened.ServeAsync("customers");
        Assert.That(Answers(reopened.Endpoint("customers")), Is.EqualTo(expected));
    }

    [Test]
    public async Task ServeAsync_WorkspaceWithoutTheReaders_NamesThePackage()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        await Lifecycle(builder => builder
            .TrainModel(training => training
                .TryPipeline(MicrosoftML.Pipeline("trees", "1", PipelineSamples.Trees))
                .CrossValidate(folds: 2))).RunAsync(temporary.Workspace);
        await using var bare = await Workspace.OpenAsync(temporary.Path);

        await Assert.ThatAsync(
            () => bare.ServeAsync("customers"),
            Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Contains("UseMicrosoftML()"));
    }

    private static Lifecycle Lifecycle(Action<LifecycleBuilder> train)
    {
        var builder = LifecycleBuilder.Create("customers")
            .DefineProblem(problem => problem.BinaryClassification("churn", positive: "yes"))
            .CollectData(data => data.From(new DatasetSource(s_rows)))
            .ProcessData(data => data.Split(test: 0.3))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
            .DeployModel(deployment => deployment.ToProcess());
        train(builder);
        return builder.Build();
    }

    private static double[] Answers(DynamicEndpoint endpoint) =>
    [
        .. Enumerable.Range(0, 60).Select(row => endpoint.Predict(endpoint.Input.ToDictionary(
            field => field.Name,
            field => Value(field, row))).Value.Score),
        // What training never saw, and what is missing.
        endpoint.Predict(endpoint.Input.ToDictionary(field => field.Name, _ => (object?)null)).Value.Score,
        endpoint.Predict(endpoint.Input.ToDictionary(
            field => field.Name,
            field => field.Type == ColumnType.Text ? "never seen" : Value(field, 0))).Value.Score,
    ];

    private static object? Value(Field field, int row) => s_rows[field.Name] switch
    {
        var column when column.IsNull(row) => null,
        TextColumn texts => texts.GetText(row),
        BooleanColumn flags => flags.Values[row],
        IntegerColumn integers => integers.Values[row],
        var numbers => numbers.GetNumber(row),
    };
}
