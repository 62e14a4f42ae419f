using System.Globalization;
using MlOps.Sdk.Reporting;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Reporting;

[TestFixture]
public sealed class ProseTests
{
    [Test]
    public void Culture_NegativeNumber_HasAMinusSignAndNoHyphen() =>
        Assert.That((-1234.5).ToString("N1", Prose.Culture), Is.EqualTo("−1,234.5"));

    [TestCase(-1e-6, "0.0000")]
    [TestCase(1e-6, "0.0000")]
    [TestCase(-0.0, "0.0000")]
    [TestCase(-0.00006, "-0.0001")]
    [TestCase(0.059, "+0.0590")]
    public void Signed_Difference_HasOneSignOrNone(double difference, string text) =>
        Assert.That(Prose.Signed(difference), Is.EqualTo(text));

    [Test]
    public void Culture_Everything_IsInvariantAndCannotBeChanged()
    {
        Assert.That(Prose.Culture.IsReadOnly, Is.True);
        Assert.That(CultureInfo.InvariantCulture.NumberFormat.NegativeSign, Is.EqualTo("-"), "the culture of all others stays as it is");
        Assert.That(new DateTime(2024, 5, 6).ToString("d", Prose.Culture), Is.EqualTo("05/06/2024"));
    }
}
