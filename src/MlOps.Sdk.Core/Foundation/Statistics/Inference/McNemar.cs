namespace MlOps.Sdk.Statistics;

/// <summary>
/// McNemar's test of paired yes/no outcomes: whether two classifiers are right equally often on the same rows. Thread-safe.
/// </summary>
public static class McNemar
{
    /// <summary>Up to this number of discordant rows the test is the exact binomial one.</summary>
    public const int ExactUpTo = 25;

    /// <summary>
    /// Tests the discordant rows: exact binomial (statistic: the smaller count) up to <see cref="ExactUpTo"/> of them, else χ² with
    /// continuity correction (|b − c| − 1)²/(b + c). The effect is (c − b)/(b + c).
    /// </summary>
    /// <param name="onlyFirst">b: rows where only the first is right.</param>
    /// <param name="onlySecond">c: rows where only the second is right.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static TestResult Test(long onlyFirst, long onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        var discordant = onlyFirst + onlySecond;
        if (discordant == 0) return new TestResult("McNemar", 0, 1, 0, "share of discordant rows", 0, 0, "The two never disagree.");
        double smaller = Math.Min(onlyFirst, onlySecond), statistic, p;
        if (discordant <= ExactUpTo)
        {
            statistic = smaller;
            p = 0;
            for (var k = 0; k <= smaller; k++) p += Distribution.Binomial(k, discordant, 0.5, 0.5);
            p = Math.Min(1, 2 * p);
        }
        else
        {
            statistic = Math.Pow(Math.Abs(onlyFirst - onlySecond) - 1.0, 2) / discordant;
            p = Distribution.ChiSquareTail(statistic, 1);
        }

        return new TestResult(
            "McNemar", statistic, p, (double)(onlySecond - onlyFirst) / discordant, "share of discordant rows", onlyFirst, onlySecond);
    }

    /// <summary>Tests two sequences of outcomes of the same rows.</summary>
    /// <param name="firstRight">Whether the first is right, per row.</param>
    /// <param name="secondRight">Whether the second is right, per row.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static TestResult Test(ReadOnlySpan<bool> firstRight, ReadOnlySpan<bool> secondRight)
    {
        Samples.RequirePaired(firstRight.Length, secondRight.Length, nameof(secondRight));
        long onlyFirst = 0, onlySecond = 0;
        for (var i = 0; i < firstRight.Length; i++)
        {
            if (firstRight[i] && !secondRight[i]) onlyFirst++;
            else if (!firstRight[i] && secondRight[i]) onlySecond++;
        }

        return Test(onlyFirst, onlySecond);
    }
}
