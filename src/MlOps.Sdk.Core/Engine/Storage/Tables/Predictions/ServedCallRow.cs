namespace MlOps.Sdk.Storage;

/// <summary>What one counter of a process counted in up to a minute.</summary>
internal sealed class ServedCallRow
{
    public string Model { get; init; } = "";

    public int Version { get; init; }

    /// <summary>The generation of the route under which it was counted; −1 for calls whose version no route chose.</summary>
    public long Generation { get; init; }

    public string Owner { get; init; } = "";

    /// <summary>Since when it was counted, in ticks.</summary>
    public long Start { get; init; }

    public byte[] Counts { get; init; } = [];
}
