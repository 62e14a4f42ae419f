using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Tests.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Problem;

[TestFixture]
public sealed class LabelEncodingTests
{
    private static readonly ProblemDefinition Binary = new()
    {
        Task = TaskKind.BinaryClassification, Label = "y", PositiveClass = "Yes"
    };

    private static readonly ProblemDefinition Several = new() { Task = TaskKind.MulticlassClassification, Label = "y" };
    private static readonly ProblemDefinition Number = new() { Task = TaskKind.Regression, Label = "y" };

    [Test]
    public void Learn_Binary_PutsThePositiveClassSecond()
    {
        var rows = Rows("y:Text\nYes\nNo\nYes");
        var encoding = LabelEncoding.Learn(Binary, rows);

        Assert.That(encoding.Classes, Is.EqualTo(new[] { "No", "Yes" }));
        Assert.That((encoding.ClassCount, encoding.Outputs), Is.EqualTo((2, 1)));
        Assert.That(encoding.Encode(rows), Is.EqualTo(new double[] { 1, 0, 1 }));
    }

    [Test]
    public void Learn_Multiclass_OrdersTheClassesByTheirText()
    {
        var rows = Rows("y:Text\nb\na\nB\nb");
        var encoding = LabelEncoding.Learn(Several, rows);

        Assert.That(encoding.Classes, Is.EqualTo(new[] { "B", "a", "b" }));
        Assert.That((encoding.ClassCount, encoding.Outputs), Is.EqualTo((3, 3)));
        Assert.That(encoding.Encode(rows), Is.EqualTo(new double[] { 2, 1, 0, 2 }));
    }

    [Test]
    public void Learn_Regression_KeepsTheNumbers()
    {
        var rows = Rows("y:Number\n1.5\n-2");
        var encoding = LabelEncoding.Learn(Number, rows);

        Assert.That((encoding.Classes.Count, encoding.ClassCount, encoding.Outputs), Is.EqualTo((0, 1, 1)));
        Assert.That(encoding.Encode(rows), Is.EqualTo(new[] { 1.5, -2 }));
    }

    [TestCase("y:Text\nNo\nNo", "one class only: 'No' in all 2 rows")]
    [TestCase("y:Text,x:Text\n,a\n,b", "has no value")]
    [TestCase("y:Text\nNo\nMaybe", "'Yes' does not occur")]
    [TestCase("y:Text\nNo\nYes\nMaybe", "has 3 values: 'Maybe' (1), 'No' (1), 'Yes' (1)")]
    public void Learn_LabelsThatAreNotTwoClasses_SaysWhatTheyAre(string table, string says) => Assert.That(
        () => LabelEncoding.Learn(Binary, Rows(table)),
        Throws.TypeOf<MlOpsException>()
            .With.Message.Contains(says)
            .And.Property("Column").EqualTo("y")
            .And.Property("Remedy").Not.Empty);

    [Test]
    public void Learn_RegressionOfTexts_SaysTheType() => Assert.That(
        () => LabelEncoding.Learn(Number, Rows("y:Text\n1\n2")),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("'y' is Text").And.Property("Remedy").Contains("Cast"));

    [TestCase("y:Text\nYes\nOther", "The label of row 2 is 'Other'")]
    [TestCase("y:Text,x:Text\nYes,a\n,b", "The label of row 2 is missing")]
    public void Encode_LabelThatIsNoClass_NamesTheRow(string table, string says)
    {
        var encoding = LabelEncoding.Learn(Binary, Rows("y:Text\nYes\nNo"));

        Assert.That(
            () => encoding.Encode(Rows(table)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(says).And.Property("Remedy").Contains("No, Yes"));
    }

    [TestCase("Yes", true)]
    [TestCase("yes", false)]
    [TestCase("", false)]
    public void Accepts_Classes_AreTakenLetterByLetter(string label, bool accepted) =>
        Assert.That(new LabelEncoding(TaskKind.BinaryClassification, "y", ["No", "Yes"]).Find(label) is not null, Is.EqualTo(accepted));

    [TestCase("TRUE", true)]
    [TestCase("False", true)]
    [TestCase("1", false)]
    public void Accepts_Booleans_AreTakenInAnyCase(string label, bool accepted) =>
        Assert.That(new LabelEncoding(TaskKind.BinaryClassification, "y", ["false", "true"]).Find(label) is not null, Is.EqualTo(accepted));

    [TestCase("1.5", true)]
    [TestCase("1,5", false)]
    public void Accepts_Regression_TakesNumbers(string label, bool accepted) =>
        Assert.That(new LabelEncoding(TaskKind.Regression, "y", []).Find(label) is not null, Is.EqualTo(accepted));

    private static Dataset Rows(string table)
    {
        var batch = Tables.Batch(table);
        return Dataset.FromBatches(batch.Schema, [batch]);
    }
}
