using System.Text.Json;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>
/// Holds requests to Amazon's own description of SageMaker's calls: names, types, required members, lengths, patterns and choices.
/// </summary>
internal static class ServiceModel
{
    private static readonly JsonElement Model = Read();

    /// <summary>What is wrong with a request; empty for nothing.</summary>
    public static IReadOnlyList<string> Check(string operation, JsonElement request)
    {
        if (!Model.GetProperty("operations").TryGetProperty(operation, out var shape)) return [$"{operation} is not described"];
        var mistakes = new List<string>();
        Check(shape.GetString()!, request, operation, mistakes);
        return mistakes;
    }

    private static void Check(string name, JsonElement value, string path, List<string> mistakes)
    {
        var shape = Model.GetProperty("shapes").GetProperty(name);
        var type = shape.GetProperty("type").GetString();
        var kind = type switch
        {
            "structure" or "map" => JsonValueKind.Object,
            "list" => JsonValueKind.Array,
            "string" => JsonValueKind.String,
            "boolean" => value.ValueKind == JsonValueKind.False ? JsonValueKind.False : JsonValueKind.True,
            _ => JsonValueKind.Number,
        };
        if (value.ValueKind != kind)
        {
            mistakes.Add($"{path} is {value.ValueKind} and not {type}");
            return;
        }

        switch (type)
        {
            case "structure": CheckStructure(shape, value, path, mistakes); break;
            case "list":
                CheckRange(shape, value.GetArrayLength(), path, mistakes);
                foreach (var item in value.EnumerateArray()) Check(shape.GetProperty("member").GetString()!, item, $"{path}[]", mistakes);
                break;
            case "map":
                CheckRange(shape, value.EnumerateObject().Count(), path, mistakes);
                foreach (var member in value.EnumerateObject())
                {
                    Check(shape.GetProperty("value").GetString()!, member.Value, $"{path}.{member.Name}", mistakes);
                }

                break;
            case "string": CheckText(shape, value.GetString()!, path, mistakes); break;
            case "integer" or "float" or "timestamp" or "long": CheckRange(shape, value.GetDouble(), path, mistakes); break;
        }
    }

    private static void CheckStructure(JsonElement shape, JsonElement value, string path, List<string> mistakes)
    {
        var members = shape.GetProperty("members");
        foreach (var member in value.EnumerateObject())
        {
            if (!members.TryGetProperty(member.Name, out var of)) mistakes.Add($"{path} has no member {member.Name}");
            else Check(of.GetString()!, member.Value, $"{path}.{member.Name}", mistakes);
        }

        if (!shape.TryGetProperty("required", out var required)) return;
        foreach (var name in required.EnumerateArray())
        {
            if (!value.TryGetProperty(name.GetString()!, out _)) mistakes.Add($"{path} lacks {name}");
        }
    }

    private static void CheckText(JsonElement shape, string text, string path, List<string> mistakes)
    {
        CheckRange(shape, text.Length, path, mistakes);
        if (shape.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, $@"\A(?:{pattern.GetString()})\z"))
        {
            mistakes.Add($"{path}, '{text}', does not match {pattern}");
        }
        if (shape.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => choice.GetString() == text))
        {
            mistakes.Add($"{path}, '{text}', is no choice");
        }
    }

    private static void CheckRange(JsonElement shape, double number, string path, List<string> mistakes)
    {
        if (shape.TryGetProperty("min", out var min) && number < min.GetDouble()) mistakes.Add($"{path} is less than {min}");
        if (shape.TryGetProperty("max", out var max) && number > max.GetDouble()) mistakes.Add($"{path} is more than {max}");
    }

    private static JsonElement Read()
    {
        using var file = typeof(ServiceModel).Assembly.GetManifestResourceStream("service-model.json")!;
        return JsonDocument.Parse(file).RootElement;
    }
}
