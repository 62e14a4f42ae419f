using MlOps.Sdk.Evidence;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Evidence;

/// <summary>Cards of versions whose run was resumed and made another version.</summary>
internal sealed class ResumedRunCardTests : ApprovalsFixture
{
    [Test]
    public async Task CardAsync_RunWasResumedWithOtherRows_StatesNothingOfThem()
    {
        var run = await Begin(500).Build().RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value, approves: false);
        var whole = await Workspace.Models.CardAsync(Name, 1);
        var again = await Begin(800).Build().ResumeAsync(Workspace, run.Id);

        var first = await Workspace.Models.CardAsync(Name, 1);
        var second = await Workspace.Models.CardAsync(Name, 2);

        Assert.Multiple(() =>
        {
            Assert.That((again.Id, again.Deployment!.Version), Is.EqualTo((run.Id, 2)));
            Assert.That(Fact(whole, "Training data", "rows"), Is.EqualTo($"{run.Processing!.TrainRows}"));
            Assert.That(Fact(first, "Training data", "rows"), Is.EqualTo(Fact(whole, "Training data", "rows")), "the package has it");
            Assert.That(Section(first, "Training data").Tables, Is.Empty);
            Assert.That(Fact(first, "Evaluation data", "rows"), Is.Null);
            Assert.That(Gaps(first), Has.Some.Contains("recorded of rows, training, evaluation is of another version"));
            Assert.That(Fact(first, "Intended use", "label"), Is.EqualTo("left"));
            Assert.That(Fact(second, "Training data", "rows"), Is.EqualTo($"{again.Processing!.TrainRows}"));
            Assert.That(Gaps(second), Has.None.Contains("another version"));
            Assert.That(Gaps(whole), Has.None.Contains("another version"));
        });
    }

    [Test]
    public async Task CardAsync_RunWasResumedWithAnotherTrainer_KeepsWhatIsSaidOfTheRows()
    {
        var run = await Begin(500).Build().RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value, approves: false);
        await SampleLifecycle.Begin(Subscriber.Draw(500, seed: 1), training => training
            .Try(Trainers.GradientBoosting(), search => search.Fix("trees", 20)).CrossValidate(2).Trials(0))
            .Deployed(deployment => deployment.ToProcess().RequireApproval(Both)).Build().ResumeAsync(Workspace, run.Id);

        var card = await Workspace.Models.CardAsync(Name, 1);

        Assert.That(await Workspace.Models.ListAsync(Name), Has.Count.EqualTo(2));
        Assert.That(Gaps(card), Has.Some.Contains("recorded of training, evaluation is of another version"));
        Assert.That(Fact(card, "Metrics", "metric that was optimized"), Is.Null);
        Assert.That(Fact(card, "Model details", "trainer"), Does.Contain("ogistic"));
        Assert.That(Fact(card, "Training data", "rows"), Is.EqualTo($"{run.Processing!.TrainRows}"));
        Assert.That(Section(card, "Training data").Tables, Is.Not.Empty);
    }

    private static IEnumerable<string> Gaps(ModelCard card) => card.Missing.Select(gap => gap.What);

    private static ModelCardSection Section(ModelCard card, string title) => card.Sections.Single(section => section.Title == title);

    private static string? Fact(ModelCard card, string section, string name) =>
        Section(card, section).Facts.SingleOrDefault(fact => fact.Name == name)?.Value;
}
