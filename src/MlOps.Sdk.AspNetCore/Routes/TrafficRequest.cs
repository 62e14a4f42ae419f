namespace MlOps.Sdk.AspNetCore;

/// <summary>How calls are to be divided.</summary>
/// <param name="Arms">The arms beside the live version; none to end the division.</param>
/// <param name="Reason">Why.</param>
/// <param name="Generation">The generation that the decision is based on.</param>
internal sealed record TrafficRequest(IReadOnlyList<ArmRequest?>? Arms, string? Reason, long? Generation);
