using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Registry;

[TestFixture]
public sealed class ApprovalPolicyTests
{
    [TestCase("a", "b", "a b")]
    [TestCase("a a", "a", "a a")]
    [TestCase("a", "a a b", "a a b")]
    public void Stricter_OfTwo_RequiresWhatBothRequire(string first, string second, string roles)
    {
        var stricter = ApprovalPolicy.Stricter(Of(first), Of(second) with { CoversRollback = true })!;

        Assert.That(stricter.Roles, Is.EqualTo(roles.Split(' ')));
        Assert.That(stricter.CoversRollback, Is.True);
    }

    [Test]
    public void Stricter_OneIsMissing_IsTheOther()
    {
        var policy = Of("a");

        Assert.That(ApprovalPolicy.Stricter(null, policy), Is.SameAs(policy));
        Assert.That(ApprovalPolicy.Stricter(policy, null), Is.SameAs(policy));
        Assert.That(ApprovalPolicy.Stricter(null, null), Is.Null);
    }

    [Test]
    public void Describe_SeveralPeopleOfARole_CountsThem() =>
        Assert.That(ApprovalPolicy.Describe(["risk-officer", "owner", "risk-officer"]), Is.EqualTo("owner, 2 × risk-officer"));

    private static ApprovalPolicy Of(string roles) => new() { Roles = roles.Split(' ') };
}
