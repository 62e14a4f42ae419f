using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class ManualTimeProviderTests
{
    [Test]
    public void Advance_Timers_FireInOrderAtTheirOwnTimes()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        var fired = new List<string>();
        using var periodic = clock.CreateTimer(_ => fired.Add($"periodic {clock.GetUtcNow().Second}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        using var once = clock.CreateTimer(_ => fired.Add($"once {clock.GetUtcNow().Second}"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.That(fired, Is.EqualTo(new[] { "periodic 2", "once 3", "periodic 4" }));
        Assert.That(clock.GetUtcNow(), Is.EqualTo(DateTimeOffset.UnixEpoch.AddSeconds(5)));
        Assert.That(clock.GetElapsedTime(0, TimeSpan.FromSeconds(1).Ticks), Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void Advance_DisposedOrStoppedTimers_DoNotFire()
    {
        var clock = new ManualTimeProvider();
        var fired = 0;
        var disposed = clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var stopped = clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        disposed.Dispose();
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.That(fired, Is.Zero);
    }

    [Test]
    public async Task Delay_OnTheClock_EndsWhenItIsAdvanced()
    {
        var clock = new ManualTimeProvider();
        var delay = Task.Delay(TimeSpan.FromHours(1), clock);
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.That(delay.IsCompleted, Is.False);

        clock.Advance(TimeSpan.FromMinutes(1));

        await delay;
    }
}
