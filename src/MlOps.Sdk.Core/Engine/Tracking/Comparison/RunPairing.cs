namespace MlOps.Sdk.Tracking;

/// <summary>Runs compared row by row.</summary>
/// <param name="Differences">The differences.</param>
/// <param name="Unpaired">Why there are no more, in sentences.</param>
internal sealed record RunPairing(IReadOnlyList<PairedDifference> Differences, IReadOnlyList<string> Unpaired)
{
    public static RunPairing None { get; } = new([], []);
}
