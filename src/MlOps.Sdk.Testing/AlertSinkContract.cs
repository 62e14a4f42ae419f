using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What every <see cref="IAlertSink"/> promises. Derive a fixture from it for each sink.</summary>
[TestFixture]
public abstract class AlertSinkContract
{
    /// <summary>Makes a sink.</summary>
    protected abstract IAlertSink Create();

    /// <summary>The ids of the alerts that arrived, in any order; an alert that was sent twice may be there once or twice.</summary>
    /// <param name="sink">The sink that <see cref="Create"/> made.</param>
    protected abstract ValueTask<IReadOnlyList<string>> ReceivedAsync(IAlertSink sink);

    /// <summary>What is sent arrives, also from several threads and when it is sent again.</summary>
    [Test]
    public async Task SendAsync_Alerts_Arrive()
    {
        var sink = Create();
        await Task.WhenAll(Enumerable.Range(0, 40)
            .Select(i => Task.Run(async () => await sink.SendAsync(Make(i % 20)).ConfigureAwait(false)))).ConfigureAwait(false);

        var received = await ReceivedAsync(sink).ConfigureAwait(false);

        Assert.That(received.Distinct(), Is.EquivalentTo(Enumerable.Range(0, 20).Select(i => Make(i).Id)));
    }

    /// <summary>A sending that was cancelled ends with <see cref="OperationCanceledException"/>.</summary>
    [Test]
    public async Task SendAsync_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync().ConfigureAwait(false);

        Assert.That(
            async () => await Create().SendAsync(Make(1), cancelled.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static Alert Make(int number) =>
        new(
            $"alert-{number}",
            "sample",
            1,
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            [Signal.DataDrift],
            "Something changed.");
}
