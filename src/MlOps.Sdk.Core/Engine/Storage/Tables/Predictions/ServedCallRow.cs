namespace MlOps.Sdk.Storage;

/// <summary>What one counter of a process counted in a minute.</summary>
internal sealed class ServedCallRow
{
    public string Model { get; init; } = "";

    public int Version { get; init; }

    public string Owner { get; init; } = "";

    /// <summary>The begin of the minute, in ticks.</summary>
    public long Minute { get; init; }

    public byte[] Counts { get; init; } = [];
}
