namespace MlOps.Sdk.Tests.Exchange;

/// <summary>A clock on which pauses of less than a minute are over at once; who waits for an answer waits as long as ever.</summary>
internal sealed class ShortPauses : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromMinutes(1) ? TimeSpan.Zero : dueTime, period);
}
