using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Lets one training of a package of ML.NET run at a time in the process, where the package has a lock for all of them, which no token
/// reaches, and settings that they share. Thread-safe.
/// </summary>
internal sealed class TrainingGate
{
    private readonly SemaphoreSlim _gate;

    // A training that another one makes while it fits must not wait for it.
    private readonly AsyncLocal<Turn?> _turn = new();

    private TrainingGate(string assembly, SemaphoreSlim gate)
    {
        Assembly = assembly;
        _gate = gate;
    }

    /// <summary>The gate of FastTree, FastForest and the generalized additive models.</summary>
    public static TrainingGate FastTree { get; } = new("Microsoft.ML.FastTree", new SemaphoreSlim(1, 1));

    /// <summary>The gate of LightGBM.</summary>
    public static TrainingGate LightGbm { get; } = new("Microsoft.ML.LightGbm", new SemaphoreSlim(1, 1));

    /// <summary>The assembly of the trainers.</summary>
    public string Assembly { get; }

    /// <summary>Waits for the turn of a training, which ends when what is returned is disposed of.</summary>
    /// <param name="request">
    /// What is trained, whose time budget does not run meanwhile; <see langword="null"/> for what has none.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IDisposable> EnterAsync(TrainingRequest? request, CancellationToken cancellationToken)
    {
        if (IsWithin) return new Turn(null);
        using var pause = request?.PauseTimeBudget();
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_gate);
    }

    /// <summary>
    /// Waits for the turn of a training that runs code of others, which may train by itself: what it calls is within the turn.
    /// </summary>
    /// <param name="request">
    /// What is trained, whose time budget does not run meanwhile; <see langword="null"/> for a transform, which has none.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public IDisposable Enter(TrainingRequest? request, CancellationToken cancellationToken)
    {
        if (IsWithin) return new Turn(null);
        using var pause = request?.PauseTimeBudget();
        // The pool learns of a thread that waits for a task, and not of one that waits for a semaphore.
        _gate.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        return _turn.Value = new Turn(_gate);
    }

    private bool IsWithin => _turn.Value is { HasEnded: false };

    private sealed class Turn(SemaphoreSlim? gate) : IDisposable
    {
        private int _ended;

        public bool HasEnded => Volatile.Read(ref _ended) != 0;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) gate?.Release();
        }
    }
}
