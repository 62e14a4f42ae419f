using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Predicts the rows of requests, under the limits of time and concurrency. Thread-safe.</summary>
internal sealed class Predictor(ModelServer server)
{
    /// <summary>Predicts the rows of a request, all with one version.</summary>
    /// <param name="context">The request.</param>
    /// <param name="slot">The model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="key">What decides which arm answers; <see langword="null"/> where the request does not say.</param>
    /// <param name="time">The time of the request.</param>
    /// <param name="version">The version that must answer; <see langword="null"/> for the one that is due.</param>
    /// <exception cref="Rejection">A row has a mistake, no version is live, or a limit is reached.</exception>
    public ValueTask<Answers> PredictAsync(
        HttpContext context, ModelSlot slot, RequestRows rows, string? key, RequestTime time, int? version = null) =>
        RunAsync(context, slot, time, new PredictionWork(server, slot, rows, key, version).Run, rows.Body);

    /// <summary>Reads the rows of a request when it is its turn, and predicts them.</summary>
    /// <param name="context">The request.</param>
    /// <param name="slot">The model.</param>
    /// <param name="body">What the rows are read from.</param>
    /// <param name="open">Reads them.</param>
    /// <param name="key">What decides which arm answers; <see langword="null"/> where the request does not say.</param>
    /// <param name="time">The time of the request.</param>
    /// <param name="version">The version that must answer; <see langword="null"/> for the one that is due.</param>
    /// <exception cref="Rejection">A row has a mistake, no version is live, or a limit is reached.</exception>
    public ValueTask<Answers> PredictAsync(
        HttpContext context,
        ModelSlot slot,
        BodyBytes body,
        Func<ValueTask<RequestRows>> open,
        string? key,
        RequestTime time,
        int? version = null)
    {
        RequestRows? rows = null;
        return RunAsync(
            context,
            slot,
            time,
            () => new PredictionWork(server, slot, rows!, key, version).Run(),
            body,
            async () => rows = await open().ConfigureAwait(false));
    }

    /// <summary>Does some work that calls a model, when it is its turn.</summary>
    /// <exception cref="Rejection">No version is live, or a limit is reached.</exception>
    public async ValueTask<T> RunAsync<T>(
        HttpContext context, ModelSlot slot, RequestTime time, Func<T> work, BodyBytes? body = null, Func<ValueTask>? prepare = null)
    {
        server.RequireRoute(slot);
        var mayHang = BufferedModel.MayCallForeignCode(slot);
        var lease = await server.EnterAsync(context, time).ConfigureAwait(false);
        if (prepare is not null) await PrepareAsync(lease, prepare).ConfigureAwait(false);
        if (!mayHang)
        {
            using (lease)
            {
                return time.IsOver ? throw Rejection.Late() : work();
            }
        }

        // Code of others may take any time. It keeps its place among the requests until it ends, and the caller does not wait for it.
        var task = Task.Run(
            () =>
            {
                using (lease) return work();
            },
            CancellationToken.None);
        try
        {
            return await task.WaitAsync(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Its answer is nobody's, whether it comes or has just come, and neither is its failure.
            _ = task.ContinueWith(
                static left =>
                {
                    if (left.Exception is null && left.IsCompletedSuccessfully) (left.Result as IDisposable)?.Dispose();
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            if (task.IsCompleted) throw;
            body?.LeaveTo(task);
            if (context.RequestAborted.IsCancellationRequested) throw;
            HttpLog.LeftBehind(server.Logger, slot.Name);
            throw Rejection.Late();
        }
    }

    private static async ValueTask PrepareAsync(RateLimitLease lease, Func<ValueTask> prepare)
    {
        try
        {
            await prepare().ConfigureAwait(false);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }
}
