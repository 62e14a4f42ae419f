namespace MlOps.Sdk.Plugins;

/// <summary>Waits for plug-ins, which may not listen to their cancellation. Thread-safe.</summary>
internal static class PluginPatience
{
    /// <summary>How long a plug-in that was cancelled is waited for where nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    /// <summary>Waits for the end of what is in progress or, once it is cancelled, of the grace period.</summary>
    /// <returns>Whether it has ended; else it is left to itself.</returns>
    public static async Task<bool> EndsAsync(Task atWork, TimeSpan grace, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var link = cancellationToken.UnsafeRegister(state => _ = EndGraceAsync((TaskCompletionSource)state!), over);
        await using (link.ConfigureAwait(false))
        {
            return await Task.WhenAny(atWork, over.Task).ConfigureAwait(false) == atWork;
        }

        async Task EndGraceAsync(TaskCompletionSource ended)
        {
            await Task.Delay(grace, CancellationToken.None).ConfigureAwait(false);
            ended.TrySetResult();
        }
    }

    /// <summary>Says that nobody waits for a task any more: how it fails is not reported as an exception that nobody has seen.</summary>
    public static void Forget(Task task) => _ = task.ContinueWith(
        static left => _ = left.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    /// <summary>Calls a plug-in, and leaves it to itself when it was cancelled and the grace period is over.</summary>
    /// <param name="call">Calls it.</param>
    /// <param name="leave">Says that it is left behind, and takes over the call: what it works with is kept until it has ended.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="grace">The grace period; <see langword="null"/> for the default.</param>
    /// <exception cref="OperationCanceledException">It was left behind.</exception>
    public static async Task<T> CallAsync<T>(
        Func<Task<T>> call, Action<Task> leave, CancellationToken cancellationToken, TimeSpan? grace = null)
    {
        // On its own thread: it may keep the one that it is called on.
        var atWork = Task.Run(call, CancellationToken.None);
        if (await EndsAsync(atWork, grace ?? DefaultGrace, cancellationToken).ConfigureAwait(false))
        {
            return await atWork.ConfigureAwait(false);
        }
        Forget(atWork);
        leave(atWork);
        throw new OperationCanceledException(cancellationToken);
    }
}
