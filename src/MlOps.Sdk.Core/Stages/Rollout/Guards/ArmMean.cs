namespace MlOps.Sdk.Rollout;

/// <summary>The mean of what a version did, row by row.</summary>
/// <param name="Mean">The mean; NaN without rows.</param>
/// <param name="Variance">The sample variance; NaN for fewer than two rows.</param>
/// <param name="Count">The number of rows.</param>
internal readonly record struct ArmMean(double Mean, double Variance, long Count)
{
    /// <summary>The variance within both versions, as if they had one.</summary>
    public static double Pool(ArmMean one, ArmMean other) =>
        (((one.Count - 1) * one.Variance) + ((other.Count - 1) * other.Variance)) / (one.Count + other.Count - 2);
}
