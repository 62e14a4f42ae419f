namespace MlOps.Sdk.Storage;

/// <summary>What all processes had counted of a version in the minute of a check until then.</summary>
internal sealed class CallMark
{
    /// <summary>The version; 0 where there is nothing else, so that the check is known.</summary>
    public int Version { get; init; }

    public byte[] Counts { get; init; } = [];
}
