namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>The system's clock, which tells when it is asked for the time.</summary>
internal sealed class WatchedClock : TimeProvider
{
    public Action? Asked { get; set; }

    public override DateTimeOffset GetUtcNow()
    {
        Asked?.Invoke();
        return base.GetUtcNow();
    }
}
