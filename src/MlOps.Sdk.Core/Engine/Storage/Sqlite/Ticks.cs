namespace MlOps.Sdk.Storage;

/// <summary>Times as they are stored: UTC ticks, which lose nothing and sort.</summary>
internal static class Ticks
{
    public static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);

    /// <summary>A time later, or the last one that there is: a clock may stand anywhere.</summary>
    public static DateTimeOffset Add(DateTimeOffset time, TimeSpan span) =>
        DateTimeOffset.MaxValue - time > span ? time + span : DateTimeOffset.MaxValue;

    /// <summary>A time earlier, or the first one that there is.</summary>
    public static DateTimeOffset Subtract(DateTimeOffset time, TimeSpan span) =>
        time - DateTimeOffset.MinValue > span ? time - span : DateTimeOffset.MinValue;

    public static DateTimeOffset? ToTime(long? ticks) => ticks is { } known ? ToTime(known) : null;
}
