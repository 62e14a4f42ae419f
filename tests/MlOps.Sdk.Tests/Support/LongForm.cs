namespace MlOps.Sdk.Tests;

/// <summary>
/// Whether tests run in their long form, with more rounds and those that take long: where <c>MLOPS_LONG</c> is 1.
/// </summary>
internal static class LongForm
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("MLOPS_LONG") == "1";

    /// <summary>A number of rounds, rows or bytes.</summary>
    public static int Of(int many, int few) => IsOn ? many : few;
}
