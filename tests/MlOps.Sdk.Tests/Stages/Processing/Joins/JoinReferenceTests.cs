using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class JoinReferenceTests
{
    private static readonly RecordBatch Rows = Tables.Batch(
        "id:Integer,plan:Text,x:Integer\n1,basic,1\n2,plus,2\n3,none,3\n4,,4\n5,basic,5");
    private static readonly Dataset Plans = SetSteps.Table("plan:Text,price:Number,note:Text\nplus,9.5,n\nbasic,4,\n,1,m");

    [TestCase(1)]
    [TestCase(100)]
    public async Task Process_Left_KeepsEveryRowInOrder(int size)
    {
        var result = await SetSteps.RunAsync(new JoinReference(ReferenceTable.Of(Plans), ["plan"], JoinKind.Left, null, ""), Rows, size);

        Assert.That(result.Schema.ToString(), Is.EqualTo("id: Integer, plan: Text, x: Integer, price: Number, note: Text"));
        Assert.That(result.Rows, Is.EqualTo("1,basic,1,4,\n2,plus,2,9.5,n\n3,none,3,,\n4,,4,,\n5,basic,5,4,"));
    }

    [TestCase(1)]
    [TestCase(100)]
    public async Task Process_Inner_LeavesRowsWithoutCounterpartOut(int size)
    {
        var result = await SetSteps.RunAsync(
            new JoinReference(ReferenceTable.Of(new DatasetSource(Plans), ["plan", "price"]), ["plan"], JoinKind.Inner, ["price"], "plan_"),
            Rows,
            size);

        Assert.That(result.Schema.ToString(), Is.EqualTo("id: Integer, plan: Text, x: Integer, plan_price: Number"));
        Assert.That(result.Rows, Is.EqualTo("1,basic,1,4\n2,plus,2,9.5\n5,basic,5,4"));
    }

    [Test]
    public async Task Process_NaNInTheKey_EqualsNone()
    {
        var reference = SetSteps.Table("id:Number,name:Text\n2,two\nNaN,none\nNaN,nothing");
        var result = await SetSteps.RunAsync(
            new JoinReference(ReferenceTable.Of(reference), ["id"], JoinKind.Left, null, ""),
            Tables.Batch("id:Number,x:Integer\nNaN,1\n2,2"));

        Assert.That(result.Rows, Is.EqualTo("NaN,1,\n2,2,two"));
    }

    [Test]
    public async Task Process_IntegerAndNumber_AreEqualKeys()
    {
        var result = await SetSteps.RunAsync(
            new JoinReference(ReferenceTable.Of(SetSteps.Table("id:Number,name:Text\n2,two\n5,five")), ["id"], JoinKind.Inner, null, ""),
            Rows);

        Assert.That(result.Rows, Is.EqualTo("2,plus,2,two\n5,basic,5,five"));
    }

    [Test]
    public void Process_KeyTwiceInTheReference_NamesBothRowsAndNotTheKey() => Assert.That(
        () => SetSteps.RunAsync(
            new JoinReference(
                ReferenceTable.Of(SetSteps.Table("plan:Text,price:Number\nplus,9.5\nbasic,4\nplus,8")), ["plan"], JoinKind.Left, null, ""),
            Rows),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Rows 1 and 3 of the reference have the same key (plan)")
            .And.Message.Not.Contains("plus"));

    [Test]
    public void Bind_KeysOfOtherTypes_AreRefused() => Assert.That(
        () => SetSteps.RunAsync(
            new JoinReference(ReferenceTable.Of(SetSteps.Table("id:Text,name:Text\n2,two")), ["id"], JoinKind.Left, null, ""),
            Rows),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Integer in the rows and Text in the reference"));

    [Test]
    public void Bind_NameThatIsTaken_AsksForAPrefix() => Assert.That(
        () => SetSteps.RunAsync(
            new JoinReference(ReferenceTable.Of(SetSteps.Table("plan:Text,x:Number\nplus,9.5")), ["plan"], JoinKind.Left, null, ""),
            Rows),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("prefix").And.Property("Column").EqualTo("x"));

    [Test]
    public void Bind_ColumnThatTheReferenceLacks_SuggestsTheNearest() => Assert.That(
        () => SetSteps.RunAsync(new JoinReference(ReferenceTable.Of(Plans), ["plan"], JoinKind.Left, ["prize"], ""), Rows),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("in its reference").And.Message.Contains("Did you mean 'price'"));
}
