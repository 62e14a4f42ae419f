using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The types of bodies.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Lines = "application/x-ndjson";
    public const string ArrowStream = "application/vnd.apache.arrow.stream";
    public const string Zip = "application/zip";
    public const string ArrowFile = "application/vnd.apache.arrow.file";

    /// <summary>The type of the body of a request, in lower case and without parameters; empty without one.</summary>
    /// <exception cref="Rejection">It is malformed, or has another encoding of characters than UTF-8.</exception>
    public static string Of(HttpContext context)
    {
        var text = context.Request.ContentType;
        if (string.IsNullOrEmpty(text)) return "";
        if (text == Json) return Json;
        if (!MediaTypeHeaderValue.TryParse(text, out var type)) throw Rejection.BadMedia("The header Content-Type is malformed.");
        if (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
        {
            throw Rejection.BadMedia("Send texts as UTF-8.");
        }
        return type.MediaType.ToString().ToLowerInvariant();
    }
}
