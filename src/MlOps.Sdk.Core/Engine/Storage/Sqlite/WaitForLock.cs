using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The wait for a lock that another process holds: short, with jitter, so that all processes get even shares. It can be cancelled,
/// and a long one is logged; SQLite's own wait can do neither, and lets processes starve (decision 16).
/// Measured on the real clock, because it is another process that is waited for.
/// </summary>
internal struct WaitForLock(ILogger logger, string path)
{
    /// <summary>After this long the lock is held by mistake.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Noteworthy = TimeSpan.FromSeconds(2);

    private long _started;
    private int _tries;
    private Random? _jitter;
    private bool _reported;

    /// <summary>Whether the lock was not free at once.</summary>
    public readonly bool HasWaited => _tries > 0;

    /// <summary>Waits a moment.</summary>
    /// <returns><see langword="false"/> when it is time to give up.</returns>
    public bool Again(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_tries++ == 0)
        {
            _started = Stopwatch.GetTimestamp();
            // Different in every process and thread: equal waits would collide forever.
            _jitter = new Random(HashCode.Combine(Environment.ProcessId, Environment.CurrentManagedThreadId, _started));
        }

        var elapsed = Stopwatch.GetElapsedTime(_started);
        if (elapsed >= Limit) return false;
        if (!_reported && elapsed >= Noteworthy)
        {
            _reported = true;
            StorageLog.LongWait(logger, path, elapsed.TotalSeconds);
        }

        var longest = _tries < 50 ? 2 : _tries < 500 ? 4 : 8;
        Thread.Sleep(_jitter!.Next(0, longest + 1));
        return true;
    }
}
