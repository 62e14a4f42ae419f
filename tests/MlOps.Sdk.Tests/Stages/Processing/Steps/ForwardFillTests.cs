using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class ForwardFillTests
{
    private const string Rows = "id:Text,at:Timestamp,x:Number,y:Text\na,2024-01-01,,\nb,2024-01-01,5,u\na,2024-01-02,1,v\n" +
        "a,2024-01-02,,\nb,2024-01-01,,\na,2024-01-03,2,\nb,2024-01-05,,w\na,2024-01-04,,";

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(100)]
    public async Task Process_MissingValues_TakeTheLastOfTheirKey(int size)
    {
        var result = await SetSteps.RunAsync(new ForwardFill(["x", "y"], ["id"], "at"), Tables.Batch(Rows), size);

        Assert.That(result.Rows.Replace("T00:00:00.0000000Z", ""), Is.EqualTo(
            "a,2024-01-01,,\nb,2024-01-01,5,u\na,2024-01-02,1,v\na,2024-01-02,1,v\nb,2024-01-01,5,u\na,2024-01-03,2,v\nb,2024-01-05,5,w\n" +
            "a,2024-01-04,2,v"));
    }

    [Test]
    public async Task Process_NoKey_IsOneSeries()
    {
        var result = await SetSteps.RunAsync(
            new ForwardFill(["x"], [], "at"),
            Tables.Batch("at:Timestamp,x:Integer\n2024-01-01,7\n2024-01-01,\n2024-01-02,\n2024-01-03,8"),
            2);

        Assert.That(result.Rows.Replace("T00:00:00.0000000Z", ""), Is.EqualTo("2024-01-01,7\n2024-01-01,7\n2024-01-02,7\n2024-01-03,8"));
    }

    [TestCase(1)]
    [TestCase(100)]
    public void Process_KeyOutOfOrder_NamesTheRowAndTheRemedy(int size) => Assert.That(
        () => SetSteps.RunAsync(
            new ForwardFill(["x"], ["id"], "at"),
            Tables.Batch("id:Text,at:Timestamp,x:Integer\na,2024-01-02,1\nb,2024-01-01,1\na,2024-01-01,1"),
            size),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 3").And.Property("Remedy").Contains("SortByTime(\"at\")"));

    [Test]
    public async Task Process_SortedBefore_FillsInTheOrderOfTime()
    {
        var rows = Tables.Batch("at:Timestamp,x:Integer\n2024-01-03,\n2024-01-01,1\n2024-01-02,2\n2024-01-01,");
        var sorted = new SortByTime("at").ProcessAsync(Tables.Stream(rows, 1));
        var shown = new List<string>();
        await foreach (var batch in new ForwardFill(["x"], [], "at").ProcessAsync(sorted)) shown.Add(Tables.Show(batch));

        Assert.That(
            string.Join('\n', shown).Replace("T00:00:00.0000000Z", ""),
            Is.EqualTo("2024-01-01,1\n2024-01-01,1\n2024-01-02,2\n2024-01-03,2"));
    }

    [Test]
    public void Process_RowWithoutTime_IsNamed() => Assert.That(
        () => SetSteps.RunAsync(new ForwardFill(["x"], [], "at"), Tables.Batch("at:Timestamp,x:Integer\n2024-01-01,7\n,1"), 1),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 2"));

    [Test]
    public void Bind_MissingColumn_SuggestsTheNearest() => Assert.That(
        () => new ForwardFill(["amuont"], [], "at").Bind(Tables.Batch("at:Timestamp,amount:Integer\n2024-01-01,7").Schema),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Did you mean 'amount'"));
}
