using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

/// <summary>
/// Writers that register versions of one model, move one alias and read it, as fast as they can until the time is over. Then each
/// operation is written with when it began and ended by the clock that all processes of a machine share: <c>register</c> and
/// <c>read</c> with the version, <c>move</c> with its reason, which no other move has, <c>lost</c> with the version that was expected.
/// </summary>
internal static class ContendedRegistry
{
    public const string Model = "shared";

    public static async Task RunAsync(RelationalStore store, string process, int writers, double seconds)
    {
        var registry = new ModelRegistry(store);
        var operations = new ConcurrentQueue<string>();
        var blessed = new[] { await registry.GetBlessedAsync(Model, 1), await registry.GetBlessedAsync(Model, 2) };
        Console.WriteLine("ready");
        Console.ReadLine();
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var random = new Random(HashCode.Combine(process, writer));
            for (var i = 0; Stopwatch.GetTimestamp() < end; i++)
            {
                var began = Stopwatch.GetTimestamp();
                var did = random.Next(4) switch
                {
                    0 or 1 => await RegisterAsync(registry, $"{process}-{writer}-{i}"),
                    2 => await MoveAsync(registry, blessed, $"{process}-{writer}-{i}"),
                    _ => await ReadAsync(registry),
                };
                var ended = Stopwatch.GetTimestamp();
                operations.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{did.Began ?? began} {ended} {did.What}"));
            }
        })));
        foreach (var operation in operations) Console.WriteLine(operation);
    }

    private static async Task<(long? Began, string What)> RegisterAsync(ModelRegistry registry, string content)
    {
        var id = ArtifactId.Of(Encoding.UTF8.GetBytes(content));
        var version = await registry.RegisterAsync(
            new NewModelVersion(Model, id, id.Hex, null, new Dictionary<string, MetricValue>()), "host");
        return (null, $"register {version.Version}");
    }

    private static async Task<(long? Began, string What)> MoveAsync(ModelRegistry registry, BlessedModel[] blessed, string reason)
    {
        var live = (await registry.FindByAliasAsync(Model, ModelRegistry.Champion))!.Version;
        var next = blessed[live == 1 ? 1 : 0];

        // The move is an operation of its own, after the read.
        var began = Stopwatch.GetTimestamp();
        try
        {
            await registry.PromoteAsync(next, ModelRegistry.Champion, live, "host", reason);
            return (began, $"move {reason}");
        }
        catch (ConcurrencyException)
        {
            return (began, $"lost {live}");
        }
    }

    private static async Task<(long? Began, string What)> ReadAsync(ModelRegistry registry) =>
        (null, $"read {(await registry.FindByAliasAsync(Model, ModelRegistry.Champion))!.Version}");
}
