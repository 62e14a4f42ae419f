using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class SparseLifecycleTests
{
    [Test]
    public async Task RunAsync_SparseAndDenseTransforms_ServeTheBitsOfTraining()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Subscriber.Draw(600, seed: 1);

        // The sparse transform stands first, and its features come last all the same.
        var run = await SampleLifecycle.Begin(
                rows,
                train: training => training
                    .Try(Trainers.LogisticRegression()).Try(Trainers.GradientBoosting(options => options.Trees = 10))
                    .CrossValidate(2).Trials(0),
                features: features => features
                    .Apply(new OneHotTransform(["plan"], 100, mostDense: 0))
                    .Numeric(["spend"])
                    .Apply(new OneHotTransform(["age"], 100, mostDense: 0)))
            .Deployed().Build().RunAsync(workspace);

        using var package = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
        var batch = package.Score(Table(RowShape.Of<UnlabelledSubscriber>(), rows));
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(run.Training!.Leaderboard.Trials.Select(trial => trial.Error), Is.All.Null);
            Assert.That(package.Graph.Slots[0].Name, Is.EqualTo("spend"));
            Assert.That(package.Graph.DenseWidth, Is.LessThan(package.Graph.Slots.Count));
            Assert.That(package.Graph.Slots[^1].Column, Is.EqualTo("age"));
            Assert.That(rows.Select(row => endpoint.Predict(UnlabelledSubscriber.Of(row)).Value.Score), Is.EqualTo(batch));
            Assert.That(package.CheckGoldenRows(), Is.Null);
        });
    }

    private static Dataset Table(Schema schema, Subscriber[] rows)
    {
        var builder = new RecordBatchBuilder(schema);
        foreach (var row in rows)
        {
            ((IntegerColumnBuilder)builder[schema.IndexOf("age")]).Append(row.Age);
            ((TextColumnBuilder)builder[schema.IndexOf("plan")]).Append(row.Plan);
            var spend = (NumberColumnBuilder)builder[schema.IndexOf("spend")];
            if (row.Spend is { } value) spend.Append(value);
            else spend.AppendNull();
            ((BooleanColumnBuilder)builder[schema.IndexOf("abroad")]).Append(row.Abroad);
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }
}
