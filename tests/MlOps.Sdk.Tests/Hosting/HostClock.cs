using Microsoft.Extensions.Time.Testing;

namespace MlOps.Sdk.Tests.Hosting;

/// <summary>A clock that the test moves, and that tells when somebody waits for a period to pass.</summary>
internal sealed class HostClock(TimeSpan period) : FakeTimeProvider
{
    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a timer of the period has been made.</summary>
    public Task Waits => _waits.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan timerPeriod)
    {
        var timer = base.CreateTimer(callback, state, dueTime, timerPeriod);
        if (timerPeriod == period) _waits.TrySetResult();
        return timer;
    }
}
