using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// How long a request may still take. Most requests never wait, and cost neither a timer nor a token. Not thread-safe.
/// </summary>
internal sealed class RequestTime(HttpContext context, TimeProvider time, TimeSpan limit) : IDisposable
{
    public const string Header = "X-Request-Timeout-Ms";

    private readonly long _start = time.GetTimestamp();
    private CancellationTokenSource? _timer;
    private CancellationTokenSource? _linked;

    /// <summary>Whether the body of the request was read to its end.</summary>
    public bool IsBodyRead { get; set; }

    /// <summary>Whether an answer that had begun was ended with what ended the request.</summary>
    public bool IsToldInAnswer { get; set; }

    /// <summary>How long the request, or the next line of a stream, may take.</summary>
    public TimeSpan Limit => limit;

    /// <summary>What is left.</summary>
    public TimeSpan Left => limit - time.GetElapsedTime(_start) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Whether it is over, by the clock or by the timer, which may be a little ahead of it.</summary>
    public bool IsOver => _timer is { IsCancellationRequested: true } || Left == TimeSpan.Zero;

    /// <summary>Cancelled when the time is over, or the caller has gone.</summary>
    public CancellationToken Token
    {
        get
        {
            if (_linked is null)
            {
                _timer = new CancellationTokenSource(Left, time);
                _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, context.RequestAborted);
            }
            return _linked.Token;
        }
    }

    /// <summary>The time of a request: that of the options, or a shorter one that the caller names.</summary>
    /// <exception cref="Rejection">The caller names none.</exception>
    public static TimeSpan LimitOf(HttpContext context, TimeSpan most)
    {
        var values = context.Request.Headers[Header];
        if (values.Count == 0) return most;
        if (values.Count > 1
            || !int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds == 0)
        {
            throw Rejection.BadRequest($"The header {Header} is not a number of milliseconds.");
        }
        var asked = TimeSpan.FromMilliseconds(milliseconds);
        return asked < most ? asked : most;
    }

    public void Dispose()
    {
        // Disposed of, they still say whether they were cancelled.
        _linked?.Dispose();
        _timer?.Dispose();
    }
}
