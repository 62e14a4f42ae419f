using System.IO.Compression;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Reads bodies, never more of them than a request may have.</summary>
internal static class RequestBody
{
    /// <summary>Reads a whole body.</summary>
    /// <exception cref="Rejection">
    /// It is too large, late, or compressed in a way that is not read; or bodies take all the memory that they may.
    /// </exception>
    public static ValueTask<BodyBytes> ReadAsync(HttpContext context, ModelServer server, RequestTime time) =>
        ReadAsync(context, server, time, server.Options.RequestBytes, server.Bodies);

    /// <summary>Reads a whole body of another size, into other memory.</summary>
    /// <inheritdoc cref="ReadAsync(HttpContext, ModelServer, RequestTime)"/>
    public static async ValueTask<BodyBytes> ReadAsync(
        HttpContext context, ModelServer server, RequestTime time, long limit, BodyMemory memory)
    {
        var options = server.Options;
        if (context.Request.ContentLength > limit) throw Rejection.TooLarge(limit);
        try
        {
            using var body = new BodyBuffer(memory, limit);
            if (Decompressed(context, options) is { } stream) await ReadCompressedAsync(stream, body, time).ConfigureAwait(false);
            else await ReadPipeAsync(context, limit, body, time).ConfigureAwait(false);
            time.IsBodyRead = true;
            return body.ToBody();
        }
        catch (OperationCanceledException) when (time.IsOver && !context.RequestAborted.IsCancellationRequested)
        {
            throw Rejection.LateBody();
        }
        catch (IOException e) when (IsMalformed(context, e))
        {
            throw Rejection.BadBody();
        }
        catch (InvalidDataException)
        {
            throw Rejection.BadRequest("The body is not compressed as its Content-Encoding says.");
        }
    }

    private static async Task ReadCompressedAsync(Stream stream, BodyBuffer body, RequestTime time)
    {
        try
        {
            await ReadStreamAsync(stream, body, time).ConfigureAwait(false);
        }
        catch (InvalidOperationException e)
        {
            // So the decoder of Brotli says it.
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>The body as a stream of what it was before compression; <see langword="null"/> where it is not compressed.</summary>
    /// <exception cref="Rejection">It is compressed in a way that is not read.</exception>
    private static Stream? Decompressed(HttpContext context, ModelServingOptions options)
    {
        var encoding = context.Request.Headers.ContentEncoding;
        if (encoding.Count == 0 || encoding is [{ } only] && only.Equals("identity", StringComparison.OrdinalIgnoreCase)) return null;
        var name = encoding.Count == 1 ? encoding[0]?.Trim().ToLowerInvariant() : null;
        if (options.AllowCompressedRequests)
        {
            switch (name)
            {
                case "gzip": return new GZipStream(context.Request.Body, CompressionMode.Decompress);
                case "br": return new BrotliStream(context.Request.Body, CompressionMode.Decompress);
                case "deflate": return new ZLibStream(context.Request.Body, CompressionMode.Decompress);
            }
        }
        context.Response.Headers.AcceptEncoding = options.AllowCompressedRequests ? "gzip, br, deflate, identity" : "identity";
        throw Rejection.BadMedia(
            options.AllowCompressedRequests
                ? "Send the body with gzip, br, deflate, or not compressed."
                : "Send the body without compression.");
    }

    /// <summary>
    /// Whether a body could not be read because of what it is, such as chunks without a length, rather than because its caller has gone.
    /// </summary>
    public static bool IsMalformed(HttpContext context, IOException failure) =>
        failure is not (BadHttpRequestException or ConnectionResetException) && !context.RequestAborted.IsCancellationRequested;

    /// <summary>Lets the server take no more than a limit; <see langword="null"/> for a stream without end.</summary>
    public static void Allow(HttpContext context, long? bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = bytes;
    }

    private static async ValueTask ReadPipeAsync(HttpContext context, long limit, BodyBuffer body, RequestTime time)
    {
        // What the application allows may be less than what a request may have here; the limit that counts is this one.
        Allow(context, limit);
        var pipe = context.Request.BodyReader;
        while (true)
        {
            if (!pipe.TryRead(out var read)) read = await pipe.ReadAsync(time.Token).ConfigureAwait(false);
            try
            {
                body.Append(read.Buffer);
            }
            finally
            {
                // The server reads what is left of a body that is rejected.
                pipe.AdvanceTo(read.Buffer.End);
            }
            if (read.IsCompleted) return;
        }
    }

    // The memory grows with what arrives: a bomb takes no more of it than a body of the largest size.
    private static async ValueTask ReadStreamAsync(Stream stream, BodyBuffer body, RequestTime time)
    {
        await using var disposed = stream.ConfigureAwait(false);
        while (true)
        {
            var read = await stream.ReadAsync(body.Free(), time.Token).ConfigureAwait(false);
            if (read == 0) return;
            body.Advance(read);
        }
    }
}
