using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Clouds;

/// <summary>How stores end calls that the cloud does not answer.</summary>
public abstract class StoreFailureTests
{
    private static readonly ArtifactId Id = ArtifactId.Of("x"u8);

    /// <summary>Says how every request is answered.</summary>
    private protected abstract void Answer(Func<CancellationToken, Task<HttpResponseMessage?>> answer);

    /// <summary>A store whose calls, all repetitions included, take no longer than a time.</summary>
    private protected abstract IArtifactStore Open(TimeSpan? time = null);

    [Test]
    public void Calls_NoAnswer_EndInTime()
    {
        Answer(async cancellationToken =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        });
        var store = Open(TimeSpan.FromMilliseconds(50));

        foreach (var call in new Func<Task>[]
        {
            () => store.PutAsync("x"u8.ToArray()), () => store.ReadAllAsync(Id), () => store.OpenAsync(Id), () => store.FindAsync(Id),
            () => store.DeleteAsync(Id), async () => await store.ListAsync().GetAsyncEnumerator().MoveNextAsync(),
        })
        {
            Assert.That(
                async () => await call(), Throws.TypeOf<MlOpsException>().With.Message.Contains("did not answer within 0.05 seconds"));
        }
    }

    [Test]
    public void Calls_ClientGivesUp_AreNoCancellation()
    {
        Answer(_ => throw new TaskCanceledException("too slow", new TimeoutException()));

        Assert.That(
            async () => await Open().FindAsync(Id),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not answer in the time of its client"));
    }

    [Test]
    public void Calls_Cancelled_AreCancelled()
    {
        using var cancel = new CancellationTokenSource();
        Answer(async cancellationToken =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        });

        Assert.That(async () => await Open().ReadAllAsync(Id, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}
