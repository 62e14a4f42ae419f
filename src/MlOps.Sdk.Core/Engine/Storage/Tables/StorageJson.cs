using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Storage;

/// <summary>The few shapes that are kept as JSON inside a row.</summary>
[JsonSerializable(typeof(SortedDictionary<string, string>))]
[JsonSerializable(typeof(string[][]))]
internal sealed partial class StorageJson : JsonSerializerContext
{
    public static string WriteArtifacts(IReadOnlyDictionary<string, ArtifactId> artifacts) =>
        JsonSerializer.Serialize(
            new SortedDictionary<string, string>(artifacts.ToDictionary(a => a.Key, a => a.Value.Hex), StringComparer.Ordinal),
            Default.SortedDictionaryStringString);

    public static IReadOnlyDictionary<string, ArtifactId> ReadArtifacts(string? json) =>
        json is null
            ? new Dictionary<string, ArtifactId>()
            : JsonSerializer.Deserialize(json, Default.SortedDictionaryStringString)!
                .ToDictionary(a => a.Key, a => ArtifactId.Parse(a.Value), StringComparer.Ordinal);

    public static string WritePairs(IEnumerable<(string Name, string Value)> pairs) =>
        JsonSerializer.Serialize(pairs.Select(pair => new[] { pair.Name, pair.Value }).ToArray(), Default.StringArrayArray);

    public static IReadOnlyList<(string Name, string Value)> ReadPairs(string json) =>
        [.. JsonSerializer.Deserialize(json, Default.StringArrayArray)!.Select(pair => (pair[0], pair[1]))];

    public static SortedDictionary<string, string> ReadFields(string json) =>
        JsonSerializer.Deserialize(json, Default.SortedDictionaryStringString)!;

    /// <summary>A flat object of texts; fields without a value are left out.</summary>
    public static string WriteFields(params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        var present = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            if (value is not null) present[name] = value;
        }

        return JsonSerializer.Serialize(present, Default.SortedDictionaryStringString);
    }
}
