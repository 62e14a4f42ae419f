namespace MlOps.Sdk.Storage;

/// <summary>Times as they are stored: UTC ticks, which lose nothing and sort.</summary>
internal static class Ticks
{
    public static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);

    public static DateTimeOffset? ToTime(long? ticks) => ticks is { } known ? ToTime(known) : null;
}
