namespace MlOps.Sdk.Tests.Docs;

/// <summary>A visit to a shop.</summary>
internal sealed record Visit(double? Length, string? Page, string? Bought)
{
    /// <summary>Visits of which the longer ones to some pages end with a purchase more often; some values are missing.</summary>
    public static Visit[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        string[] pages = ["start", "offer", "help", "cart"];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var page = random.Next(pages.Length);
            var length = Math.Round(random.NextDouble() * 100, 2);
            var bought = random.NextDouble() < 1 / (1 + Math.Exp(-(page - 1.5 + (length - 50) / 20)));
            return new Visit(length, i % 17 == 0 ? null : pages[page], bought ? "yes" : "no");
        })];
    }
}
