namespace MlOps.Sdk.Tests;

/// <summary>How often something may happen in a simulation if it has a stated probability.</summary>
internal static class BinomialBound
{
    // Seeds are fixed: a test passes always or never, and a rate exactly as stated fails with this probability.
    private const double Error = 0.01;

    /// <summary>The least number that is exceeded with a probability of at most 1 % if the rate is as stated.</summary>
    public static int Most(int rounds, double rate)
    {
        var (term, sum, count) = (Math.Pow(1 - rate, rounds), 0.0, 0);
        while (true)
        {
            sum += term;
            if (1 - sum <= Error) return count;
            term *= (rounds - count) * rate / ((count + 1) * (1 - rate));
            count++;
        }
    }
}
