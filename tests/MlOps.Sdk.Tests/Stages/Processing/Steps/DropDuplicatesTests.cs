using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Processing.PipelineRuns;

namespace MlOps.Sdk.Tests.Processing;

public sealed class DropDuplicatesTests
{
    [Test]
    public async Task Process_EqualKeysOrRows_KeepsTheFirst()
    {
        var rows = Tables.Batch("id:Integer,x:Number,churn:Text\n"
            + string.Concat(Enumerable.Range(0, 100).Select(i => $"{i % 50},{(i < 50 ? 1 : 2)},{(i % 2 == 0 ? "Yes" : "No")}\n")));
        var all = Concat(await RunAsync(rows, steps => steps.DropDuplicates("id"), size: 7));
        Assert.That(all, Has.Count.EqualTo(50));
        Assert.That(all, Has.All.Contains(",1,"));
        Assert.That(Concat(await RunAsync(rows, steps => steps.DropDuplicates())), Has.Count.EqualTo(100));
    }

    [TestCase(1)]
    [TestCase(100)]
    public async Task Process_MissingValues_AreEqualToEachOther(int size)
    {
        var result = await SetSteps.RunAsync(new DropDuplicates(["a"]), Tables.Batch("a:Text,b:Integer\n,1\nx,2\n,3\nx,4"), size);

        Assert.That(result.Rows, Is.EqualTo(",1\nx,2"));
    }

    [Test]
    public void Bind_MissingColumn_SuggestsTheNearest() => Assert.That(
        () => SetSteps.RunAsync(new DropDuplicates(["customr"]), Tables.Batch("customer:Text\nx")),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Did you mean 'customer'"));
}
