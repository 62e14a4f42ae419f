using System.Collections.Concurrent;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class DeletionMarkTests : StoreFixture
{
    private static readonly ArtifactId s_id = ArtifactId.Of("garbage"u8);
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(5);

    [Test]
    public async Task KeepAsync_WhoeverDeletedWasKilled_GoesOnWithinTwoMinutesAndSaysSo()
    {
        var events = new ConcurrentQueue<int>();
        var said = new ConcurrentQueue<string>();
        await using var store = await RelationalStore.OpenAsync(
            DatabasePath, Clock, new LogWatcher(id => events.Enqueue(id.Id), said.Enqueue));
        await MarkAsync("killed");
        Assert.That(await Store.WriteAsync(connection => ArtifactRefTable.TryBeginDeleting(connection, Owner("2"), s_id)), Is.False);
        var begun = Clock.GetUtcNow();

        var keeping = new ArtifactReferences(store).KeepAsync("test", "1", [s_id]);
        await PassAsync(keeping, s_step);

        var waited = Clock.GetUtcNow() - begun;
        Assert.That(waited, Is.InRange(DeletionMark.Length, DeletionMark.Length + TimeSpan.FromMinutes(1)));
        Assert.That(await Store.ReadAsync(connection => ArtifactRefTable.IsReferenced(connection, s_id)), Is.True);
        Assert.That(events.Where(id => id is 4014 or 4015 or 4016), Is.EqualTo(new[] { 4014, 4016 }));
        Assert.That(said, Has.Some.Contain(s_id.ToString()).And.Contain("120 s"));
    }

    [Test]
    public async Task KeepAsync_DeletionTakesLong_WaitsForItsEnd()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource<bool>());
        var deleting = new ArtifactReferences(Store).TryDeleteAsync(
            s_id,
            end =>
            {
                begun.SetResult();
                return goOn.Task.WaitAsync(end);
            },
            default);
        await begun.Task;
        var events = new ConcurrentQueue<int>();
        await using var store = await RelationalStore.OpenAsync(DatabasePath, Clock, new LogWatcher(id => events.Enqueue(id.Id)));
        var keeping = new ArtifactReferences(store).KeepAsync("test", "1", [s_id]);
        for (var mark = await FindMarkAsync(); Clock.GetUtcNow() < Start + 3 * DeletionMark.Length;)
        {
            // As long as it takes to renew the mark.
            for (var before = mark; mark == before; mark = await FindMarkAsync()) await StepAsync(s_step);
        }

        Assert.That(keeping.IsCompleted, Is.False, "It is deleted still.");
        goOn.SetResult(true);
        Assert.That(await deleting, Is.True);
        await PassAsync(keeping, s_step);
        Assert.That(events.Where(id => id is 4014 or 4015 or 4016), Is.EqualTo(new[] { 4014, 4015 }));
    }

    [Test]
    public async Task KeepAsync_ClockIsSetForwardWhileItIsDeleted_WaitsForItsEnd()
    {
        await MarkAsync("at work");
        Clock.AdjustTime(Clock.GetUtcNow() + DeletionWait.ClockSlack);

        var keeping = new ArtifactReferences(Store).KeepAsync("test", "1", [s_id]);
        for (var i = 0; i < 12; i++) await StepAsync(TimeSpan.FromMilliseconds(1));

        Assert.That(keeping.IsCompleted, Is.False);
        await PassAsync(keeping, s_step);
    }

    [Test]
    public async Task KeepAsync_MarkOfLongAgo_WaitsNotAtAll()
    {
        await MarkAsync("killed");
        Clock.AdjustTime(Clock.GetUtcNow() + TimeSpan.FromHours(1));

        await new ArtifactReferences(Store).KeepAsync("test", "1", [s_id]).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(await FindMarkAsync(), Is.Null);
    }

    [Test]
    public async Task TryDeleteAsync_MarkIsForgottenByOthers_DeletesNotAnyMore()
    {
        var begun = new TaskCompletionSource();
        var deleting = new ArtifactReferences(Store).TryDeleteAsync(
            s_id,
            async end =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, end);
                return true;
            },
            default);
        await begun.Task;
        var mark = await FindMarkAsync();
        await Store.WriteAsync(connection => ArtifactRefTable.Remove(connection, ArtifactRefTable.DeletingKind, mark!));

        Assert.That(
            async () => await PassAsync(deleting, s_step), Throws.TypeOf<MlOpsException>().With.Message.Contains("deleted in time"));
        Assert.That(Clock.GetUtcNow() - Start, Is.LessThan(DeletionMark.Length));
    }

    private static DateTimeOffset Start { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private string Owner(string name) => $"{ArtifactRefTable.Until(Clock.GetUtcNow() + DeletionMark.Length)}.{name}";

    private async Task MarkAsync(string name)
    {
        var owner = Owner(name);
        Assert.That(await Store.WriteAsync(connection => ArtifactRefTable.TryBeginDeleting(connection, owner, s_id)), Is.True);
    }

    private Task<string?> FindMarkAsync() => Store.ReadAsync(connection => ArtifactRefTable.FindDeleting(connection, s_id));

    // The clock goes on until the task has ended; the task waits by the clock only now and then.
    private async Task PassAsync(Task task, TimeSpan step)
    {
        for (var i = 0; !task.IsCompleted && i < 3_000; i++) await StepAsync(step, task);
        await task;
    }

    private async Task StepAsync(TimeSpan step, Task? task = null)
    {
        Clock.Advance(step);
        await (task is null ? Task.Delay(10) : Task.WhenAny(task, Task.Delay(10)));
    }
}
