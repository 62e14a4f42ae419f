using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Writes answers whole, with their length, and no longer than their callers take them.</summary>
internal static class ResponseBody
{
    /// <summary>The bytes of an answer that its caller takes within the time of a request; more have more time.</summary>
    public const int TimedBytes = 256 * 1024;

    /// <summary>Writes an answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status code.</param>
    /// <param name="mediaType">The type of the body.</param>
    /// <param name="state">What is written.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="room">The memory that was reserved for it; <see langword="null"/> for none. It remains the caller's.</param>
    /// <exception cref="Rejection">There is no memory left for the answer. Nothing is written.</exception>
    /// <exception cref="UnreadAnswerException">The caller does not take the answer.</exception>
    public static Task WriteAsync<T>(
        HttpContext context,
        int status,
        string mediaType,
        T state,
        Action<IBufferWriter<byte>, T> write,
        AnswerRoom? room = null)
    {
        // What is answered must not live until it is taken, so that nothing of it is used in an asynchronous method.
        var server = context.RequestServices.GetRequiredService<ModelServer>();
        var buffer = AnswerBuffer.Of(room ?? new AnswerRoom(server.Bodies), state, write);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = mediaType;
        response.ContentLength = buffer.WrittenCount;

        // An answer belongs to one caller.
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            buffer.Return();
            return Task.CompletedTask;
        }
        return SendAsync(context, server, buffer);
    }

    /// <summary>Writes what a buffer has into the body of the answer, piece by piece.</summary>
    /// <exception cref="UnreadAnswerException">The caller does not take it.</exception>
    public static Task SendAsync(HttpContext context, ModelServer server, AnswerBuffer buffer)
    {
        if (!buffer.IsOnePiece) return SendPiecesAsync(context, server, buffer);
        buffer.WriteNext(context.Response.BodyWriter);
        var flush = context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        return flush.IsCompletedSuccessfully ? Task.CompletedTask : WaitAsync(context, server, flush.AsTask());
    }

    private static async Task WaitAsync(HttpContext context, ModelServer server, Task<FlushResult> flush)
    {
        var patience = new Patience(context, server);
        await using var disposed = patience.ConfigureAwait(false);
        await patience.WaitAsync(flush).ConfigureAwait(false);
    }

    private static async Task SendPiecesAsync(HttpContext context, ModelServer server, AnswerBuffer buffer)
    {
        var isReturned = false;
        try
        {
            var patience = new Patience(context, server);
            await using var disposed = patience.ConfigureAwait(false);
            var timed = buffer.WrittenCount - TimedBytes;
            var writer = context.Response.BodyWriter;
            while (!isReturned)
            {
                isReturned = !buffer.WriteNext(writer);
                var flushed = await patience.WaitAsync(writer.FlushAsync(context.RequestAborted).AsTask()).ConfigureAwait(false);
                context.RequestAborted.ThrowIfCancellationRequested();
                if (isReturned) return;
                if (flushed.IsCompleted) throw new ConnectionAbortedException("The caller has gone before the answer was complete.");
                if (buffer.WrittenCount > timed) continue;
                timed = buffer.WrittenCount - TimedBytes;
                patience.Renew();
            }
        }
        finally
        {
            if (!isReturned) buffer.Return();
        }
    }

    /// <summary>Ends the connection of a caller who does not take an answer.</summary>
    private sealed class Patience : IAsyncDisposable
    {
        private readonly TimeSpan _limit;
        private readonly ITimer _timer;
        private volatile bool _isOver;

        public Patience(HttpContext context, ModelServer server)
        {
            _limit = server.Options.RequestTimeout;
            _timer = server.Time.CreateTimer(
                _ =>
                {
                    _isOver = true;
                    context.Abort();
                },
                null,
                _limit,
                Timeout.InfiniteTimeSpan);
        }

        public void Renew() => _timer.Change(_limit, Timeout.InfiniteTimeSpan);

        public async Task<FlushResult> WaitAsync(Task<FlushResult> flush)
        {
            try
            {
                var flushed = await flush.ConfigureAwait(false);
                return _isOver ? throw new UnreadAnswerException() : flushed;
            }
            catch (OperationCanceledException) when (_isOver)
            {
                throw new UnreadAnswerException();
            }
        }

        // It waits for the call that may be in progress: the context must not be that of another request then.
        public ValueTask DisposeAsync() => _timer.DisposeAsync();
    }
}
