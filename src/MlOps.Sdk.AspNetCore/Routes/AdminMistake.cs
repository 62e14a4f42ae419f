using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Says what is wrong with the body of an admin request: the reader of the JSON names neither the member nor what was meant.
/// </summary>
internal static class AdminMistake
{
    // Only as deep as the forms of the requests.
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 8 };

    /// <summary>The rejection of a body that could not be read.</summary>
    /// <param name="body">The body.</param>
    /// <param name="type">What it should have been.</param>
    /// <param name="failure">Why it could not be read.</param>
    public static Rejection Of(ReadOnlyMemory<byte> body, JsonTypeInfo type, JsonException failure)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Depth);
            return Rejection.BadRequest(Find(document.RootElement, type) ?? WrongType(failure));
        }
        catch (JsonException e)
        {
            return Rejection.BadJson(e.LineNumber ?? 0, e.BytePositionInLine ?? 0, Depth.MaxDepth);
        }
    }

    private static string WrongType(JsonException failure) => failure.Path is { Length: > 2 } path
        ? $"The member at {PrintableText.Shorten(path)} has a wrong type."
        : "The body is not an object.";

    private static string? Find(JsonElement element, JsonTypeInfo type)
    {
        if (element.ValueKind != JsonValueKind.Object) return null;
        string[] known = [.. type.Properties.Select(property => property.Name)];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
            {
                return $"The member '{PrintableText.Shorten(member.Name)}' is unknown. " +
                    (NearestName.Find(member.Name, known) is { } near
                        ? $"Did you mean '{near}'?"
                        : $"The members are {string.Join(", ", known)}.");
            }
            if (!seen.Add(member.Name)) return $"The member '{member.Name}' is there twice.";
            if (type.Type != typeof(TrafficRequest) || member.Name != "arms" || member.Value.ValueKind != JsonValueKind.Array) continue;
            var index = 0;
            foreach (var arm in member.Value.EnumerateArray())
            {
                if (Find(arm, AdminRequestJson.Default.ArmRequest) is { } problem)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{problem} It is arm {index}, counted from 0.");
                }
                index++;
            }
        }

        return null;
    }
}
