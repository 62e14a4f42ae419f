using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>Wherever the library opens a source itself, what goes wrong in it names the source and what to do.</summary>
public sealed class ForeignFailureTests
{
    private static readonly IDataSource Good = DataSources.Objects([new Item(1, DateTime.UnixEpoch), new Item(2, DateTime.UnixEpoch)]);

    private static IEnumerable<TestCaseData> Readings()
    {
        var rows = Good.ReadAllAsync();
        TestCaseData Reading(string name, Func<IDataSource, CancellationToken, Task> read) =>
            new TestCaseData(read).SetArgDisplayNames(name);
        yield return Reading("ReadAllAsync", (source, cancellationToken) => source.ReadAllAsync(cancellationToken));
        yield return Reading("ByCount", (source, cancellationToken) => DrainAsync(source.ByCount(1, cancellationToken: cancellationToken)));
        yield return Reading(
            "ByTime",
            (source, cancellationToken) => DrainAsync(source.ByTime("at", TimeSpan.FromDays(1), cancellationToken: cancellationToken)));
        yield return Reading(
            "StreamAsync",
            (source, cancellationToken) => DrainAsync(RowPipeline.Create(data => data.Drop("at")).StreamAsync(source, cancellationToken)));
        yield return Reading("DatasetProfile", (source, cancellationToken) => DatasetProfile.OfAsync(source, cancellationToken));
        yield return Reading(
            "TableComparison, reference",
            (source, cancellationToken) => TableComparison.OfAsync(source, Good, cancellationToken: cancellationToken));
        yield return Reading(
            "TableComparison, current",
            (source, cancellationToken) => TableComparison.OfAsync(Good, source, cancellationToken: cancellationToken));
        yield return Reading(
            "Join",
            async (source, cancellationToken) => await RowPipeline.Create(data => data.Join(source, ["n"], columns: ["at"], prefix: "its_"))
                .ApplyAsync(await rows, cancellationToken));
        yield return Reading(
            "OccursIn",
            async (source, cancellationToken) => await RowPipeline.Create(data => data.Expect(row => row.Column("n").OccursIn(source, "n")))
                .ApplyAsync(await rows, cancellationToken));
        yield return Reading(
            "joined source",
            (source, cancellationToken) => Good.Join(source, ["n"], columns: ["at"], prefix: "its_").ReadAllAsync(cancellationToken));
    }

    [TestCaseSource(nameof(Readings))]
    public async Task Read_SourceThatCannotBeOpened_NamesItAndTheCause(Func<IDataSource, CancellationToken, Task> read) =>
        await Assert.ThatAsync(
            () => read(new TroubledSource(Good) { Open = _ => new InvalidOperationException("no route") }, CancellationToken.None),
            IsExplained<InvalidOperationException>("no route"));

    [TestCaseSource(nameof(Readings))]
    public async Task Read_ValueThatItsProviderCannotGive_NamesTheSourceAndTheCause(Func<IDataSource, CancellationToken, Task> read) =>
        await Assert.ThatAsync(
            () => read(
                new TroubledSource(Good) { Read = (_, row) => row == 1 ? new OverflowException("too large") : null },
                CancellationToken.None),
            IsExplained<OverflowException>("too large"));

    [TestCaseSource(nameof(Readings))]
    public async Task Read_SourceThatFailsToClose_NamesItAndTheCause(Func<IDataSource, CancellationToken, Task> read) =>
        await Assert.ThatAsync(
            () => read(new TroubledSource(Good) { Close = new IOException("still busy") }, CancellationToken.None),
            IsExplained<IOException>("still busy"));

    [TestCaseSource(nameof(Readings))]
    public async Task Read_Cancelled_IsCancelled(Func<IDataSource, CancellationToken, Task> read)
    {
        using var stop = new CancellationTokenSource();
        var source = new TroubledSource(Good)
        {
            Read = (_, _) =>
            {
                stop.Cancel();
                return new OperationCanceledException(stop.Token);
            },
        };
        await Assert.ThatAsync(() => read(source, stop.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static NUnit.Framework.Constraints.IResolveConstraint IsExplained<TCause>(string message) => Throws.TypeOf<MlOpsException>()
        .With.Property("DataSource")
        .EqualTo("troubled")
        .And.Message.Contains(message)
        .And.InnerException.TypeOf<TCause>()
        .And.Property("Remedy").Not.Null;

    private static async Task DrainAsync<T>(IAsyncEnumerable<T> all)
    {
        await foreach (var _ in all)
        {
        }
    }

    private sealed record Item(int N, DateTime At);
}
