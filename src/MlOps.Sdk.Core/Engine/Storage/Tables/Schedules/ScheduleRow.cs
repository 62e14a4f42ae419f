namespace MlOps.Sdk.Storage;

internal sealed record ScheduleRow
{
    public string Model { get; init; } = "";

    public string Schedule { get; init; } = "";

    /// <summary>Up to when its times are answered.</summary>
    public long Position { get; init; }

    /// <summary>The last time that was due.</summary>
    public long? LastDue { get; init; }
}
