namespace MlOps.Sdk.Statistics;

internal static class Proportion
{
    public static void Require(long successes, long total, string name)
    {
        if (total <= 0) throw new ArgumentOutOfRangeException(name, total, "The total must be positive.");
        if (successes < 0 || successes > total)
        {
            throw new ArgumentOutOfRangeException(name, successes, $"Successes must lie between 0 and the total, {total}.");
        }
    }
}
