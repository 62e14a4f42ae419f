using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>A clock that the test moves, and that tells which pauses somebody waits for.</summary>
internal sealed class DelayClock() : FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero))
{
    private readonly ConcurrentQueue<TimeSpan> _delays = new();

    public IReadOnlyList<TimeSpan> Delays => [.. _delays];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _delays.Enqueue(dueTime);
        return timer;
    }
}
