using Microsoft.AspNetCore.Http;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What decides which arm answers, from a header.</summary>
internal static class RoutingKey
{
    public const string Header = "X-Routing-Key";
    private const int Longest = 256;

    /// <exception cref="Rejection">The key is malformed.</exception>
    public static string? Of(HttpContext context)
    {
        var values = context.Request.Headers[Header];
        if (values.Count == 0) return null;
        return values is [{ Length: > 0 and <= Longest } key] && !key.Any(char.IsControl)
            ? key
            : throw Rejection.BadRequest($"The header {Header} is not a text of 1 to {Longest} characters.");
    }
}
