using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

[TestFixture]
public sealed class NearestNameTests
{
    [TestCase("tenur", "tenure", "churn", ExpectedResult = "tenure")]
    [TestCase("MonthlyCharges", "monthly_charge", "monthly_charges", ExpectedResult = "monthly_charges")]
    [TestCase("x", "y", " x", ExpectedResult = " x")]
    [TestCase("x", "y", "z", ExpectedResult = null)]
    [TestCase("tax", "sex", "age", ExpectedResult = null)]
    [TestCase("leafs", "leaves", "trees", ExpectedResult = "leaves")]
    [TestCase("agee", "age", "page", ExpectedResult = "age")]
    [TestCase("gender", "tenure", "female", ExpectedResult = null)]
    [TestCase("--", "++", "-", ExpectedResult = "-")]
    public string? Find_OfTwoNames_GivesTheOneThatIsMeant(string typed, string one, string other) =>
        NearestName.Find(typed, [one, other]);

    [Test]
    public void MissingColumn_NamesEndWithBlanks_ShowsThem()
    {
        var schema = new Schema(new Field("x", ColumnType.Number), new Field("k ", ColumnType.Text));
        var error = NearestName.MissingColumn("k", "Numeric(…)", schema);

        Assert.That(error.Remedy, Is.EqualTo("Did you mean 'k '? The columns are: x, 'k '."));
    }
}
