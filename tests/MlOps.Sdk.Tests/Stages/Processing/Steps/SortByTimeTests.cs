using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class SortByTimeTests
{
    [TestCase(1)]
    [TestCase(3)]
    [TestCase(100)]
    public async Task Process_RowsInAnyOrder_AreSortedAndEqualTimesKeepTheirOrder(int size)
    {
        var rows = Tables.Batch("at:Timestamp,x:Text\n2024-01-03,a\n2024-01-01,b\n2024-01-02,c\n2024-01-01,d\n2024-01-03,e");

        var result = await SetSteps.RunAsync(new SortByTime("at"), rows, size);

        Assert.That(string.Concat(result.Rows.Split('\n').Select(row => row[^1])), Is.EqualTo("bdcae"));
        Assert.That(result.Schema, Is.EqualTo(rows.Schema));
    }

    [TestCase(1)]
    [TestCase(100)]
    public void Process_RowWithoutTime_IsNamed(int size) => Assert.That(
        () => SetSteps.RunAsync(new SortByTime("at"), Tables.Batch("at:Timestamp,x:Text\n2024-01-01,a\n2024-01-02,b\n,c"), size),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 3").And.Property("Column").EqualTo("at"));

    [TestCase("x", "Timestamp")]
    [TestCase("att", "Did you mean 'at'")]
    public void Bind_ColumnThatIsNoTime_SaysSo(string column, string says) => Assert.That(
        () => new SortByTime(column).Bind(Tables.Batch("at:Timestamp,x:Text\n2024-01-01,a").Schema),
        Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
}
