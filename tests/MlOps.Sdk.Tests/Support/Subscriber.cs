namespace MlOps.Sdk.Tests;

/// <summary>A row of the tests' own table, drawn from a known rule.</summary>
internal sealed record Subscriber(int Age, double? Spend, string Plan, bool Abroad, string Left)
{
    /// <summary>
    /// The log-odds of leaving rise with spending and for monthly plans. Shifted subscribers spend more, and for them the
    /// plan works the other way round.
    /// </summary>
    public static Subscriber[] Draw(int count, int seed, bool shifted = false)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var age = random.Next(18, 80);
            var spend = Math.Round(20 + random.NextDouble() * 60 + (shifted ? 45 : 0), 2);
            var plan = random.NextDouble() < 0.5 ? "monthly" : "yearly";
            var logOdds = (spend - (shifted ? 95 : 50)) / 10 + (plan == "monthly" != shifted ? 1.5 : -1.5) - (age - 50) / 50.0;
            return new Subscriber(
                age,
                random.NextDouble() < 0.05 ? null : spend,
                plan,
                random.NextDouble() < 0.5,
                random.NextDouble() < 1 / (1 + Math.Exp(-logOdds)) ? "Yes" : "No");
        })];
    }
}
