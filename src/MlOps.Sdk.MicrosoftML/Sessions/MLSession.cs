using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.ML;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// One use of Microsoft.ML: its own context, since a cancelled one stays cancelled. It is seeded, logs to the caller's logger, runs on
/// a worker thread and ends promptly when it is cancelled. Not thread-safe.
/// </summary>
/// <param name="seed">The seed of everything drawn.</param>
/// <param name="logger">Where the library's messages go.</param>
internal sealed class MLSession(int seed, ILogger logger)
{
    /// <summary>Runs work on a worker thread.</summary>
    /// <typeparam name="T">What the work makes.</typeparam>
    /// <param name="work">The work; called once.</param>
    /// <param name="cancellationToken">Ends the work: the library gives up within milliseconds.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    /// <exception cref="MlOpsException">The library failed.</exception>
    public Task<T> RunAsync<T>(Func<MLContext, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Of the pool: trees are grown by thousands of short tasks that are waited for. A thread of the pool runs what it waits for itself;
        // any other has each task done by a thread that is woken for it, which takes three times as much processor time.
        return Task.Run(() => Run(work, cancellationToken), cancellationToken);
    }

    private T Run<T>(Func<MLContext, T> work, CancellationToken cancellationToken)
    {
        var context = new MLContext(seed);
        if (logger.IsEnabled(LogLevel.Error)) context.Log += (_, message) => MLNetLog.Write(logger, message);
        using var registration = cancellationToken.Register(() => CancelExecution(context));
        try
        {
            var made = work(context);
            if (!cancellationToken.IsCancellationRequested) return made;
            (made as IDisposable)?.Dispose();
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // What is thrown depends on where the library was: an aggregate, a broken channel, a cancelled task.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (e is not (MlOpsException or OperationCanceledException))
        {
            var cause = e is AggregateException { InnerException: { } inner } ? inner : e;
            if (cause is MlOpsException known) throw known;
            throw new MlOpsException(
                $"Microsoft.ML failed: {cause.Message.TrimEnd('.')}.",
                "Check the columns and settings that the message names.",
                e);
        }
    }

    // Fit takes no token; the context has a way to end what runs in it, which is not public. A test watches that it stays.
    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern void CancelExecution(MLContext context);
}
