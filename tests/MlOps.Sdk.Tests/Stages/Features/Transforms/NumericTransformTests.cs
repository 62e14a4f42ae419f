using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Features.FittedGraphs;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class NumericTransformTests
{
    [Test]
    public async Task Fit_MissingValues_AreImputedFlaggedAndStandardized()
    {
        var rows = Rows(("x", ColumnType.Number, [1.0, null, 3.0, 5.0]), ("y", ColumnType.Integer, [1L, 0L, 1L, 0L]));

        var matrix = (await GraphAsync(rows, features => features.Numeric(["x"]))).Transform(rows);

        // Of 1, 3, 5: mean 3, population standard deviation √(8/3), median 3.
        var scale = Math.Sqrt(8.0 / 3);
        Assert.Multiple(() =>
        {
            Assert.That(matrix.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "x", "x is missing" }));
            Assert.That(matrix.Column(0).ToArray(), Is.EqualTo(new[] { (float)(-2 / scale), 0, 0, (float)(2 / scale) }).Within(1e-6));
            Assert.That(matrix.Column(1).ToArray(), Is.EqualTo(new float[] { 0, 1, 0, 0 }));
        });
    }

    [TestCase(Imputation.Median, 3)]
    [TestCase(Imputation.Mean, 4)]
    [TestCase(Imputation.Zero, 0)]
    public async Task Fit_NotStandardized_PutsTheImputationInPlaceOfWhatIsMissing(Imputation imputation, float expected)
    {
        var rows = Rows(("x", ColumnType.Number, [1.0, null, 3.0, 8.0]), ("y", ColumnType.Integer, [1L, 0L, 1L, 0L]));

        var matrix = (await GraphAsync(rows, features => features.Numeric(["x"], imputation, standardize: false))).Transform(rows);

        Assert.That(matrix.Column(0).ToArray(), Is.EqualTo(new[] { 1, expected, 3, 8 }));
    }

    [Test]
    public void Fit_TextAsANumber_SaysWhatToDo()
    {
        var rows = Rows(("c", ColumnType.Text, ["a", "b"]), ("y", ColumnType.Integer, [1L, 0L]));

        Assert.That(
            async () => await GraphAsync(rows, features => features.Numeric(["c"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("OneHot"));
    }

    [TestCase("{0},5", "Culture")]
    [TestCase("{0} ", "CsvOptions.Trim")]
    public void Fit_NumbersInAnotherNotation_SaysHowToReadThem(string format, string remedy)
    {
        object?[] texts = [.. Enumerable.Range(0, 30).Select(i => string.Format(CultureInfo.InvariantCulture, format, i))];
        var rows = Rows(("c", ColumnType.Text, texts), ("y", ColumnType.Integer, [.. texts.Select((_, i) => (object?)(long)(i % 2))]));

        Assert.That(
            async () => await GraphAsync(rows, features => features.Numeric(["c"])),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains($"'{texts[0]}' in row 1 of the training part").And.Message.Contains(remedy));
    }

    [Test]
    public void Fit_TextWithoutAnyValue_IsNotTakenForCategories()
    {
        var rows = Rows(("c", ColumnType.Text, [null, null]), ("y", ColumnType.Integer, [1L, 0L]));

        Assert.That(
            async () => await GraphAsync(rows, features => features.Numeric(["c"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("has no value").And.Message.Not.Contains("OneHot"));
    }
}
