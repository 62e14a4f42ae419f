using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Rollout;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Rollout;

[TestFixture]
public sealed class RolloutExtensionsTests
{
    private readonly DeploymentBuilder _builder = new();
    private readonly List<string> _mistakes = [];

    [Test]
    public void Build_RolloutWithoutRecordedRequestsOrTwice_ListsBothMistakes()
    {
        var exception = Assert.Throws<LifecycleConfigurationException>(
            () => SampleLifecycle.Begin().Deployed(deployment => deployment.ToProcess().RollAfterReplay().RollAfterReplay()).Build());

        Assert.That(
            exception.Mistakes,
            Has.Some.Contains("nothing records predictions. Add MonitorModel, or remove RollAfterReplay")
                .And.Some.Contains("calls RollAfterReplay twice"));
    }

    [Test]
    public void Build_TwoWaysToGoLive_NamesBothCalls()
    {
        _builder.ToProcess().RollAfterReplay().RollAsCanary(canary => canary.Step(0.5, TimeSpan.FromHours(1))
            .Guard(RolloutGuards.Errors(0.1))).Build(_mistakes);

        Assert.That(_mistakes, Is.EqualTo(new[]
        {
            "DeployModel calls RollAfterReplay and RollAsCanary, and a version goes live in one way. Keep one of them.",
        }));
    }

    [Test]
    public void Roll_Strategy_IsReviewedWith()
    {
        var plan = _builder.ToProcess().Roll(new Wanting(10)).Build(_mistakes);

        Assert.That(_mistakes, Is.Empty);
        Assert.That(plan.Review!(PluginServices.None), Is.TypeOf<RolloutReview>());
    }

    [Test]
    public void Roll_Type_IsResolvedAndCheckedForEachRun()
    {
        using var good = new ServiceCollection().AddSingleton(new Wanting(10)).BuildServiceProvider();
        using var bad = new ServiceCollection().AddSingleton(new Wanting(-1)).BuildServiceProvider();
        var review = _builder.ToProcess().Roll<Wanting>().Build(_mistakes).Review!;

        Assert.That(review(good), Is.TypeOf<RolloutReview>());
        Assert.That(() => review(bad), Throws.TypeOf<MlOpsException>().With.Message.Contains("requires -1 requests"));
        Assert.That(() => review(PluginServices.None), Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(Wanting)));
    }

    [Test]
    public void Roll_WrongArguments_AreRefusedAtTheCall() => Assert.Multiple(() =>
    {
        Assert.That(() => _builder.RollAfterReplay(requests: 0), OutOfRange("requests"));
        Assert.That(() => _builder.RollAfterReplay(requests: 100_001), OutOfRange("requests"));
        Assert.That(() => _builder.RollAfterReplay(changedAtMost: -0.1), OutOfRange("changedAtMost"));
        Assert.That(() => _builder.RollAfterReplay(changedAtMost: double.NaN), OutOfRange("changedAtMost"));
        Assert.That(() => _builder.RollAfterReplay(tolerance: -1), OutOfRange("tolerance"));
        Assert.That(() => _builder.RollAfterReplay(tolerance: double.PositiveInfinity), OutOfRange("tolerance"));
        Assert.That(() => _builder.Roll(null!), Throws.ArgumentNullException);
        Assert.That(() => _builder.Roll(new Wanting(-1)), Throws.TypeOf<MlOpsException>().With.Message.Contains("requires -1 requests"));
        Assert.That(() => _builder.Roll(new Wanting(100_001)), Throws.TypeOf<MlOpsException>().With.Message.Contains("100001"));
    });

    private static NUnit.Framework.Constraints.Constraint OutOfRange(string parameter) =>
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo(parameter);

    private sealed class Wanting(int requests) : IRolloutStrategy
    {
        public string Name => "wanting";

        public RolloutNeeds Needs { get; } = new() { Requests = requests };

        public RolloutDecision Decide(RolloutContext context) => throw new NotSupportedException("Nothing is decided here.");
    }
}
