using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// A stream of rows, a JSON object a line, answered line by line while it arrives. The memory is that of one block of lines, whatever the
/// length of the stream. Not thread-safe.
/// </summary>
internal sealed class LineStream(
    ModelServer server, Predictor predictor, HttpContext context, RequestTime time, ModelSlot slot, string? key)
{
    public const string Kind = "predict-stream";

    private long _line;
    private long _held;
    private long _lineBegan;

    /// <exception cref="Rejection">The stream ends early, before anything was answered.</exception>
    public async Task RunAsync()
    {
        // A stream that nobody can answer must not begin.
        server.RequireRoute(slot);
        RequestBody.Allow(context, null);

        // A stream may pause; how long a line may take is limited here.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var response = context.Response;
        (response.StatusCode, response.ContentType) = (StatusCodes.Status200OK, MediaTypes.Lines);
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await ReadAsync(context.Request.BodyReader).ConfigureAwait(false);
        }
        catch (Exception e)
            when (response.HasStarted && !context.RequestAborted.IsCancellationRequested && server.RejectionOf(e) is { } rejection)
        {
            // The route counts it, and says it in the log.
            using var room = new AnswerRoom(server.Bodies);
            await ResponseBody.SendAsync(context, server, AnswerBuffer.Of(room, rejection, LineFormat.Write)).ConfigureAwait(false);
            time.IsToldInAnswer = true;
            throw;
        }
        finally
        {
            Hold(0);
        }
    }

    private async Task ReadAsync(PipeReader pipe)
    {
        var block = new LineBlock(server, slot, key);
        _lineBegan = server.Time.GetTimestamp();
        var searched = 0L;
        while (true)
        {
            if (TryRead(pipe) is not { } read)
            {
                // Whoever sends line by line waits for the answers. What is answered takes no memory any more.
                block = await AnswerAsync(block).ConfigureAwait(false);
                Hold(searched);
                read = await WaitAsync(pipe).ConfigureAwait(false);
            }
            var buffer = read.Buffer;
            try
            {
                // The beginning of a line that arrives in many pieces is searched once.
                while (buffer.Slice(searched).PositionOf((byte)'\n') is { } end)
                {
                    Add(block, buffer.Slice(0, end));
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    searched = 0;
                    _lineBegan = server.Time.GetTimestamp();
                    if (!block.IsFull) continue;
                    Hold(block.Bytes + buffer.Length);
                    block = await AnswerAsync(block).ConfigureAwait(false);
                }
                searched = buffer.Length;

                if (buffer.Length > server.Options.RequestBytes) throw Rejection.TooLarge(server.Options.RequestBytes);
                if (read.IsCompleted)
                {
                    if (buffer.Length > 0) Add(block, buffer);
                    buffer = buffer.Slice(buffer.End);
                    await AnswerAsync(block).ConfigureAwait(false);
                }
                else
                {
                    Hold(block.Bytes + buffer.Length);
                }
            }
            catch (Exception e) when (e is not UnreadAnswerException)
            {
                // The server reads what is left of a stream that is rejected. Of a connection that is ended, there is nothing to read.
                pipe.AdvanceTo(buffer.Start, buffer.End);
                throw;
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted) return;
        }
    }

    private ReadResult? TryRead(PipeReader pipe)
    {
        try
        {
            return pipe.TryRead(out var read) ? read : null;
        }
        catch (IOException e) when (RequestBody.IsMalformed(context, e))
        {
            throw Rejection.BadBody();
        }
    }

    private async Task<ReadResult> WaitAsync(PipeReader pipe)
    {
        // Bytes that trickle give a line no more time.
        var left = time.Limit - server.Time.GetElapsedTime(_lineBegan);
        if (left <= TimeSpan.Zero) throw Rejection.LateBody();
        using var idle = new CancellationTokenSource(left, server.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, server.Stopping, context.RequestAborted);
        try
        {
            return await pipe.ReadAsync(waiting.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (server.Stopping.IsCancellationRequested)
        {
            throw Rejection.Stopping();
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested)
        {
            throw Rejection.LateBody();
        }
        catch (IOException e) when (RequestBody.IsMalformed(context, e))
        {
            throw Rejection.BadBody();
        }
    }

    private void Add(LineBlock block, ReadOnlySequence<byte> line)
    {
        _line++;
        if (line.Length > server.Options.RequestBytes) throw Rejection.TooLarge(server.Options.RequestBytes);
        var bytes = line.ToArray();
        if (!bytes.AsSpan().Trim(" \t\r"u8).IsEmpty) block.Add(_line, bytes);
    }

    private async Task<LineBlock> AnswerAsync(LineBlock block)
    {
        if (block.IsEmpty) return block;
        using var room = new AnswerRoom(server.Bodies);
        Answers.Reserve(room, server.RequireRoute(slot).Main.Live.Package.Decision.Labels, block.Count);
        await SendAsync(room, await RunAsync(block).ConfigureAwait(false)).ConfigureAwait(false);

        // Whoever waited for these answers begins the next line now.
        _lineBegan = server.Time.GetTimestamp();
        return new LineBlock(server, slot, key);
    }

    private async ValueTask<IReadOnlyList<LineAnswer>> RunAsync(LineBlock block)
    {
        using var ofBlock = new RequestTime(context, server.Time, time.Limit);
        return await predictor.RunAsync(context, slot, ofBlock, block.Run).ConfigureAwait(false);
    }

    // Not asynchronous: the answers must not live until they are taken.
    private Task SendAsync(AnswerRoom room, IReadOnlyList<LineAnswer> answers)
    {
        var buffer = AnswerBuffer.Of(room, answers, static (to, all) =>
        {
            foreach (var answer in all) LineFormat.Write(to, answer);
        });
        var predicted = answers.Count(answer => answer.Answer is not null);
        HttpTelemetry.Rows.Add(predicted, new KeyValuePair<string, object?>("route", Kind));
        return ResponseBody.SendAsync(context, server, buffer);
    }

    // Lines take of the memory of bodies, whether they wait to be predicted or for their end.
    private void Hold(long bytes)
    {
        if (bytes > _held) server.Bodies.Take(bytes - _held);
        else server.Bodies.Give(_held - bytes);
        _held = bytes;
    }
}
