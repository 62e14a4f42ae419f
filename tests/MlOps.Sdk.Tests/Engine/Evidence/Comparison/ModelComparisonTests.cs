using MlOps.Sdk.Evidence;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Evidence;

internal sealed class ModelComparisonTests
{
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task TrainTwo()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Actor = "ann");
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        await SampleLifecycle.Begin(
                Subscriber.Draw(1_200, seed: 7),
                training => training.Try(Trainers.GradientBoosting()).CrossValidate(2).Trials(0))
            .Deployed().Build().RunAsync(_workspace);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task CompareAsync_TwoVersions_SaysInWhatTheyDiffer()
    {
        await _workspace.Models.SetTagAsync(SampleLifecycle.Name, "team", "<b>x</b>", version: 2);

        var compared = await _workspace.Models.CompareAsync(SampleLifecycle.Name, 1, 2);

        Assert.That((compared.First.Version, compared.Second.Version), Is.EqualTo((1, 2)));
        Assert.That(Of(ModelDifferenceKind.Record, "tag team"), Is.EqualTo(((string?)null, "<b>x</b>")));
        Assert.That(Of(ModelDifferenceKind.Training, "trainer").First, Is.Not.EqualTo(Of(ModelDifferenceKind.Training, "trainer").Second));
        Assert.That(Of(ModelDifferenceKind.Data, "training rows").First, Does.StartWith("7"));
        Assert.That(compared.Differences.Select(difference => difference.Kind), Does.Contain(ModelDifferenceKind.Metric)
            .And.Contain(ModelDifferenceKind.Gate).And.Contain(ModelDifferenceKind.Decision));
        Assert.That(compared.Differences.Select(difference => difference.Kind), Does.Not.Contain(ModelDifferenceKind.Input));
        Assert.That(compared.Drift, Is.Not.Empty.And.Ordered.Descending.By(nameof(BaselineDrift.Distance)));
        Assert.That(compared.Drift.All(drift => drift.Distance is > 0 and < 0.5), Is.True);
        Assert.That(compared.Answers!.Rows, Is.GreaterThan(0));
        Assert.That(compared.Answers.LargestDifference, Is.GreaterThanOrEqualTo(compared.Answers.MeanDifference).And.Positive);
        Assert.That(compared.Notes, Is.Empty);
        Assert.That(compared.ToString(), Does.Contain("version 2").And.Contain("training trainer").And.Contain("golden rows"));
        Assert.That(compared.ToHtml(), Does.Contain("&lt;b&gt;x&lt;/b&gt;").And.Not.Contain("<b>x</b>"));

        (string? First, string? Second) Of(ModelDifferenceKind kind, string name)
        {
            var found = compared.Differences.Single(difference => difference.Kind == kind && difference.Name == name);
            return (found.First, found.Second);
        }
    }

    [Test]
    public async Task CompareAsync_WhoDecided_IsNeverCut()
    {
        var name = "officer-of-credit-risk-of-the-whole-of-the-northern-region";
        await using (var first = await Workspace.OpenAsync(_folder["other"], options => options.Actor = name))
        {
            await SampleLifecycle.Begin().Deployed().Build().RunAsync(first);
        }
        await using var second = await Workspace.OpenAsync(_folder["other"], options => options.Actor = "bob");
        await SampleLifecycle.Begin(Subscriber.Draw(1_200, seed: 7)).Deployed().Build().RunAsync(second);

        var compared = await second.Models.CompareAsync(SampleLifecycle.Name, 1, 2);

        var decided = compared.Differences.Where(difference => difference.IsDecision).ToArray();
        Assert.That(decided.Select(difference => difference.First), Does.Contain($"model.promoted by {name}"));
        Assert.That(compared.ToString(), Does.Contain($"model.promoted by {name}"));
        Assert.That(compared.ToHtml(), Does.Contain($">model.promoted by {name}</td>").And.Contain(">Metrics</h2>"));
    }

    [Test]
    public async Task CompareAsync_AVersionWithItself_HasNoDifference()
    {
        var compared = await _workspace.Models.CompareAsync(SampleLifecycle.Name, 2, 2);
        Assert.That((compared.Differences.Count, compared.Drift.Count), Is.EqualTo((0, 0)));
        Assert.That(compared.Answers, Is.EqualTo(new AnswerComparison(compared.Answers!.Rows, 0, 0, 0)));
        Assert.That(compared.ToHtml(), Does.Contain("do not differ"));
        Assert.That(compared.ToString(), Does.StartWith("They do not differ in anything that is recorded."));
    }

    [Test]
    public async Task CompareAsync_OtherRows_ShowsTheColumnThatChangedMost()
    {
        Subscriber[] rows = [.. Subscriber.Draw(1_000, seed: 1).Select(row => row with { Age = row.Age + 500 })];
        await SampleLifecycle.Begin(rows).Deployed().Build().RunAsync(_workspace);

        var compared = await _workspace.Models.CompareAsync(SampleLifecycle.Name, 1, 3);
        Assert.That(compared.Drift[0].Column, Is.EqualTo("age"));
        Assert.That(compared.Drift[0].Distance, Is.GreaterThan(0.5));
    }
}
