namespace MlOps.Sdk.Tests.Plugins;

/// <summary>A row of the plug-ins' lifecycle.</summary>
public sealed record Order(double? Amount, long Items, string Channel, string? Returned)
{
    /// <summary>Made-up orders; the same seed gives the same ones.</summary>
    public static IReadOnlyList<Order> Draw(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                var amount = Math.Exp(random.NextDouble() * 6);
                var channel = random.Next(3) switch { 0 => "shop", 1 => "web", _ => "app" };
                var returned = Math.Log(amount) + (channel == "web" ? 1 : 0) + random.NextDouble() > 3.8;
                return new Order(random.Next(12) == 0 ? null : amount, random.Next(1, 9), channel, returned ? "yes" : "no");
            }),
        ];
    }
}
