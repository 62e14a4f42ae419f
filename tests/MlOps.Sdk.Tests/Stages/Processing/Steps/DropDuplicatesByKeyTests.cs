using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class DropDuplicatesByKeyTests
{
    private static readonly RecordBatch Rows = Tables.Batch(
        "id:Integer,at:Timestamp,x:Text\n1,2024-01-02,a\n2,2024-01-01,b\n1,2024-01-01,c\n1,2024-01-02,d\n2,2024-01-01,e\n3,2024-01-01,f\n" +
        "1,2024-01-01,g");

    [TestCase(KeepRow.First, null, "abf")]
    [TestCase(KeepRow.Last, null, "efg")]
    [TestCase(KeepRow.First, "at", "bcf")]
    [TestCase(KeepRow.Last, "at", "def")]
    public async Task Process_Keys_KeepsOneRowOfEachInItsPlace(KeepRow keep, string? by, string kept)
    {
        foreach (var size in new[] { 1, 3, 100 })
        {
            var result = await SetSteps.RunAsync(new DropDuplicatesByKey(["id"], keep, by), Rows, size);
            Assert.That(string.Concat(result.Rows.Split('\n').Select(row => row[^1])), Is.EqualTo(kept), $"batches of {size}");
        }
    }

    [Test]
    public void Process_RowWithoutTime_IsNamed() => Assert.That(
        () => SetSteps.RunAsync(
            new DropDuplicatesByKey(["id"], KeepRow.Last, "at"), Tables.Batch("id:Integer,at:Timestamp\n1,2024-01-02\n2,"), 1),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 2").And.Property("Column").EqualTo("at"));

    [Test]
    public void Bind_ColumnThatIsNoTime_IsRefused() => Assert.That(
        () => new DropDuplicatesByKey(["id"], KeepRow.Last, "x").Begin(Rows.Schema),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Timestamp").And.Property("Column").EqualTo("x"));

    [Test]
    public void NeedsAllRows_OnlyWhereTheDefinitionAsksForIt() => Assert.That(
        new PipelineStep[]
        {
            new SelectionStep(new DropDuplicatesByKey(["id"], KeepRow.Last, null)),
            PipelineStep.Of(new SortByTime("at")),
            PipelineStep.Of(new AggregateRows([], "at", TimeSpan.FromDays(1), TimeSpan.FromDays(1), [])),
            new SelectionStep(new DropDuplicates([])),
            PipelineStep.Of(new ForwardFill(["x"], [], "at"))
        }
            .Select(step => step.NeedsSet is not null),
        Is.EqualTo(new[] { true, true, true, true, false }));
}
