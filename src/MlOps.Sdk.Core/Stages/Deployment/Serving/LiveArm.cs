namespace MlOps.Sdk.Deployment;

/// <summary>A version that answers calls whose place between 0 and 1 is below a bound, and not below that of the arm before.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Live">The version.</param>
/// <param name="Until">The bound.</param>
internal sealed record LiveArm(string Name, LiveModel Live, double Until);
