using System.Globalization;

namespace MlOps.Sdk.Storage;

/// <summary>Calls an object store: bounded in time, and with failures that say what to do. Thread-safe.</summary>
/// <param name="place">The place that is called.</param>
/// <param name="time">How long a call may take where it does not say otherwise.</param>
internal sealed class ObjectCalls(IObjectPlace place, TimeSpan time)
{
    public IObjectPlace Place => place;

    /// <param name="call">Makes the call.</param>
    /// <param name="key">The key that it is about.</param>
    /// <param name="problem">What has failed if it fails, as a sentence without its end.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="longest">How long it may take.</param>
    /// <exception cref="MlOpsException">The store failed, or was too slow.</exception>
    public async Task<T> CallAsync<T>(
        Func<CancellationToken, Task<T>> call, string key, string problem, CancellationToken cancellationToken, TimeSpan? longest = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bound = longest ?? time;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(bound);
        try
        {
            return await call(end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (MlOpsException or OperationCanceledException) && cancellationToken.IsCancellationRequested)
        {
            // A client may report the end of its repetitions instead.
            throw new OperationCanceledException("The call of the object store was cancelled.", cancellationToken);
        }
        catch (Exception e) when (e is not MlOpsException && !cancellationToken.IsCancellationRequested && end.IsCancellationRequested)
        {
            throw Failed(key, problem, Late(string.Create(CultureInfo.InvariantCulture, $"within {bound.TotalSeconds:0.##} seconds")));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsTimeout(e))
        {
            throw Failed(key, problem, Late("in the time of its client"));
        }
        catch (Exception e) when (e is not (MlOpsException or OperationCanceledException) && place.Explain(e) is { } failure)
        {
            throw Failed(key, problem, failure);
        }
    }

    // Clients have times of their own, for each repetition.
    private static bool IsTimeout(Exception exception) => exception is OperationCanceledException or TimeoutException
        || (exception is AggregateException { InnerExceptions: [.., var last] } && IsTimeout(last));

    private static ObjectFailure Late(string time) => new(
        $"the store did not answer {time}",
        "Check the network and the store; the options of the store and its client say how long it is waited for.",
        new TimeoutException());

    private MlOpsException Failed(string key, string problem, ObjectFailure failure) =>
        new($"{problem}: {failure.Reason}.", failure.Remedy, failure.Inner) { DataSource = place.AddressOf(key) };
}
