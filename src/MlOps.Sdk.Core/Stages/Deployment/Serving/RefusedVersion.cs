namespace MlOps.Sdk.Deployment;

/// <summary>A version that a process does not serve, because the classes of its application cannot call it.</summary>
/// <param name="Version">The version.</param>
/// <param name="Mismatches">All that keeps them from it.</param>
internal sealed record RefusedVersion(int Version, IReadOnlyList<string> Mismatches)
{
    /// <summary>The mismatches in a sentence each.</summary>
    public string Why => string.Join(" ", Mismatches);

    /// <summary>The failure of taking it up.</summary>
    public MlOpsException ToException(string model) => new(
        $"Version {Version} of '{model}' is not served, because the application cannot call it. {Why}",
        "The live version stays. Correct the classes of the application, or promote a version that they can call.");
}
