using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class ApprovalBuilderTests
{
    [Test]
    public void Build_NobodyMustApprove_IsAMistake() =>
        Assert.That(() => Build(_ => { }), Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("names no role"));

    [Test]
    public void Build_EveryMistake_IsListed()
    {
        var failure = Assert.Catch<LifecycleConfigurationException>(() => Build(approval => approval
            .By("owner").By("owner").By("officer", 20)
            .ExpiresAfter(TimeSpan.FromDays(1)).ExpiresAfter(TimeSpan.FromDays(2))));

        Assert.That(failure!.Message, Does.Contain("By(\"owner\") twice").And.Contain("22 people").And.Contain("ExpiresAfter twice"));
    }

    [Test]
    public void RequireApproval_Twice_IsAMistake() => Assert.That(
        () => SampleLifecycle.Begin().Deployed(deployment => deployment
            .ToProcess().RequireApproval(approval => approval.By("a")).RequireApproval(approval => approval.By("b"))).Build(),
        Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("RequireApproval twice"));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase(null)]
    public void By_NoRole_Throws(string? role) =>
        Assert.That(() => Build(approval => approval.By(role!)), Throws.InstanceOf<ArgumentException>());

    [TestCase(0)]
    [TestCase(21)]
    public void By_PeopleOutOfRange_Throws(int people) =>
        Assert.That(() => Build(approval => approval.By("a", people)), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(0)]
    [TestCase(366 * 24 * 60)]
    public void Times_OutOfRange_Throw(int minutes)
    {
        var time = TimeSpan.FromMinutes(minutes);
        Assert.That(() => Build(approval => approval.ExpiresAfter(time)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Build(approval => approval.RemindEvery(time)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static Lifecycle Build(Action<ApprovalBuilder> approval) =>
        SampleLifecycle.Begin().Deployed(deployment => deployment.ToProcess().RequireApproval(approval)).Build();
}
