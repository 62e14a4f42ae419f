using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Writes answers whole, with their length.</summary>
internal static class ResponseBody
{
    private const int KeptBytes = 256 * 1024;

    // Used between two awaits, by one thread at a time.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    /// <summary>Writes an answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status code.</param>
    /// <param name="mediaType">The type of the body.</param>
    /// <param name="state">What is written.</param>
    /// <param name="write">Writes it.</param>
    public static async Task WriteAsync<T>(HttpContext context, int status, string mediaType, T state, Action<IBufferWriter<byte>, T> write)
    {
        var buffer = s_buffer ?? new ArrayBufferWriter<byte>(1024);
        s_buffer = null;
        write(buffer, state);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = mediaType;
        response.ContentLength = buffer.WrittenCount;

        // An answer belongs to one caller.
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method)) response.BodyWriter.Write(buffer.WrittenSpan);
        if (buffer.Capacity <= KeptBytes)
        {
            buffer.ResetWrittenCount();
            s_buffer = buffer;
        }
        await response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
