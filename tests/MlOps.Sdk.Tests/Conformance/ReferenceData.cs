using System.Text.Json;

namespace MlOps.Sdk.Tests.Conformance;

/// <summary>The committed reference values: named samples, and cases of function, arguments and expected numbers.</summary>
internal static class ReferenceData
{
    private static readonly Lazy<(Dictionary<string, double[]> Samples, ILookup<string, ReferenceCase> Cases)> Loaded = new(Load);

    public static IEnumerable<string> Functions => Loaded.Value.Cases.Select(group => group.Key).Order(StringComparer.Ordinal);

    public static IEnumerable<ReferenceCase> Of(string function) => Loaded.Value.Cases[function];

    private static (Dictionary<string, double[]>, ILookup<string, ReferenceCase>) Load()
    {
        var samples = new Dictionary<string, double[]>();
        var cases = new List<ReferenceCase>();
        string[] files =
        [
            "reference.json", "exploration_reference.json", "weights_reference.json", "intervals_reference.json",
            "sequential_reference.json",
        ];
        foreach (var file in files)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Conformance", file)));
            foreach (var sample in document.RootElement.GetProperty("samples").EnumerateObject())
            {
                samples.Add(sample.Name, Numbers(sample.Value));
            }
            cases.AddRange(document.RootElement.GetProperty("cases").EnumerateArray()
                .Select(
                    c => new ReferenceCase(c[0].GetString()!, [.. c[1].EnumerateArray().Select(a => a.Clone())], Numbers(c[2]), samples)));
        }

        return (samples, cases.ToLookup(c => c.Function));
    }

    internal static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(Number)];

    private static double Number(JsonElement e) => e.ValueKind == JsonValueKind.Number ? e.GetDouble() : e.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        var other => throw new FormatException(other),
    };
}
