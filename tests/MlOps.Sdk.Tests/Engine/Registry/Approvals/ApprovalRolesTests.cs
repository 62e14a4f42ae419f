using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Registry;

[TestFixture]
public sealed class ApprovalRolesTests
{
    [TestCase("a", "a", "a", "")]
    [TestCase("a b", "a", "a", "b")]
    [TestCase("a b", "b a", "b a", "")]
    [TestCase("a b", "ab", "a", "b", Description = "one person counts for one role")]
    [TestCase("a b", "ab a", "b a", "", Description = "who has both gives way")]
    [TestCase("a b c", "abc ab a", "c b a", "")]
    [TestCase("a a", "a", "a", "a")]
    [TestCase("a a", "a a", "a a", "")]
    [TestCase("a a", "a a a", "a a -", "")]
    [TestCase("a", "b", "-", "a")]
    public void Match_People_CoverAsManyRolesAsTheyCan(string required, string people, string roles, string missing)
    {
        var (found, left) = ApprovalRoles.Match(
            required.Split(' '),
            [.. people.Split(' ').Select(person => (IReadOnlyList<string>)[.. person.Select(role => role.ToString())])]);

        Assert.Multiple(() =>
        {
            Assert.That(string.Join(' ', found.Select(role => role ?? "-")), Is.EqualTo(roles));
            Assert.That(string.Join(' ', left), Is.EqualTo(missing));
        });
    }
}
