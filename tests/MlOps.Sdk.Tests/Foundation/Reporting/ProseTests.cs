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

    [Test]
    public void Culture_Everything_IsInvariantAndCannotBeChanged()
    {
        Assert.That(Prose.Culture.IsReadOnly, Is.True);
        Assert.That(CultureInfo.InvariantCulture.NumberFormat.NegativeSign, Is.EqualTo("-"), "the culture of all others stays as it is");
        Assert.That(new DateTime(2024, 5, 6).ToString("d", Prose.Culture), Is.EqualTo("05/06/2024"));
    }
}
