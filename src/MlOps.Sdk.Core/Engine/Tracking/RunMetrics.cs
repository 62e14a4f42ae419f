using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// The metrics that a run logs: kept in memory, and written in the background every half second, or sooner when there are many.
/// Thread-safe.
/// </summary>
internal sealed class RunMetrics : IAsyncDisposable
{
    private const int BufferedMetrics = 32_768;
    private const int MetricsPerWrite = 10_000;
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(500);

    private readonly string _runId;
    private readonly long _run;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Func<Action<DbConnection>, CancellationToken, Task> _write;
    private readonly MetricBuffer _buffer;
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;
    private readonly Task _pumping;
    private ReadOnlyMemory<MetricPoint> _unwritten;
    private long _unwrittenAt;
    private volatile bool _ended;

    /// <param name="runId">The run.</param>
    /// <param name="run">Its number.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Where a failure of the background is logged.</param>
    /// <param name="write">Writes as the owner of the run.</param>
    public RunMetrics(
        string runId, long run, TimeProvider clock, ILogger logger, Func<Action<DbConnection>, CancellationToken, Task> write)
    {
        (_runId, _run, _clock, _logger, _write) = (runId, run, clock, logger, write);
        _buffer = new MetricBuffer(BufferedMetrics, () => _wake.Writer.TryWrite(true));
        _timer = clock.CreateTimer(_ => _wake.Writer.TryWrite(true), null, FlushInterval, FlushInterval);
        _pumping = PumpAsync();
    }

    /// <exception cref="MlOpsException">Metrics could not be stored, and no more fit in memory.</exception>
    public void Add(string name, double value, long step) => _buffer.Add(name, value, step);

    /// <summary>Writes the metrics that were added before.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // What an earlier flush could not write goes first.
            await WriteAsync(cancellationToken).ConfigureAwait(false);
            _unwritten = _buffer.Take();
            _unwrittenAt = _clock.GetUtcNow().UtcTicks;
            await WriteAsync(cancellationToken).ConfigureAwait(false);
            _buffer.Report(null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _buffer.Report(e);
            throw;
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Says that the run has ended: nothing more is written in the background.</summary>
    public void End() => _ended = true;

    /// <summary>Stops writing in the background. What was added can still be flushed.</summary>
    public async Task StopAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        _wake.Writer.TryComplete();
        await _pumping.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _buffer.Report(new ObjectDisposedException(nameof(RunTracker)));
        _flushing.Dispose();
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (!_unwritten.IsEmpty)
        {
            var chunk = _unwritten[..Math.Min(_unwritten.Length, MetricsPerWrite)];
            await _write(
                connection => MetricTable.Insert(connection, _run, _unwrittenAt, chunk.Span), cancellationToken).ConfigureAwait(false);
            _unwritten = _unwritten[chunk.Length..];
        }
    }

    private async Task PumpAsync()
    {
        await foreach (var _ in _wake.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (_ended) return;
            try
            {
                await FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (MlOpsException e)
            {
                TrackingLog.FlushFailed(_logger, e, _runId);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}
