using System.Collections.Concurrent;
using System.Numerics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// A version that is being served: its package, its scorers and its recorder. Retired when another takes its place; the last call that is
/// in progress then disposes the scorers and the package. Thread-safe.
/// </summary>
internal sealed class LiveModel
{
    private const int Retired = 1 << 30;

    private readonly ModelScorer?[] _scorers = new ModelScorer?[BitOperations.RoundUpToPowerOf2(
        (uint)Math.Max(4, Environment.ProcessorCount * 4))];
    private readonly ConcurrentDictionary<Type, object> _bindings = new();
    private readonly bool _isShadow;
    private OwnedCircuit? _circuit;
    private int _callers;
    private int _disposed;

    private readonly VersionCalls _calls;

    public LiveModel(int version, ModelPackage package, IPredictionRecorder? recorder, VersionCalls calls, bool isShadow = false)
    {
        (_isShadow, _calls) = (isShadow, calls);
        (Version, Package, Recorder) = (version, package, recorder);
    }

    public int Version { get; }

    public ModelPackage Package { get; }

    public IPredictionRecorder? Recorder { get; }

    /// <summary>What counts the calls of a generation of the route.</summary>
    public CallCounter CallsOf(long generation) => generation == RouteGeneration.None ? _calls.Unrouted : _calls.Routed;

    /// <summary>What an endpoint compiled for this version: endpoints of the same types share it, and it goes with the version.</summary>
    public T Binding<T>(Func<LiveModel, T> compile)
        where T : class => (T)_bindings.GetOrAdd(typeof(T), static (_, bound) => bound.compile(bound.live), (live: this, compile));

    /// <summary>Whether the version failed too often and is not called now.</summary>
    public bool IsCircuitOpen => Volatile.Read(ref _circuit)?.Circuit.IsOpen == true;

    /// <summary>The circuit in front of the version, for as long as it has the same stand-in.</summary>
    public Circuit CircuitOf(StandIn standIn)
    {
        var known = Volatile.Read(ref _circuit);
        while (known?.StandIn != standIn)
        {
            var next = new OwnedCircuit(standIn, standIn.NewCircuit(Version));
            known = Interlocked.CompareExchange(ref _circuit, next, known) == known ? next : Volatile.Read(ref _circuit);
        }

        return known.Circuit;
    }

    /// <summary>
    /// Forgets the circuit, unless it has the stand-in that answers now: with another one, or none, the version is called.
    /// </summary>
    public void KeepCircuitOf(StandIn? standIn)
    {
        var known = Volatile.Read(ref _circuit);
        if (known is not null && known.StandIn != standIn) Interlocked.CompareExchange(ref _circuit, null, known);
    }

    /// <summary>How many types of endpoints are compiled.</summary>
    public int BindingCount => _bindings.Count;

    /// <summary>Takes a scorer for one call; <see langword="null"/> when the version is retired.</summary>
    public ModelScorer? Enter()
    {
        if ((Interlocked.Increment(ref _callers) & Retired) != 0)
        {
            Exit();
            return null;
        }

        // The slot of the current processor is nearly always free; a miss costs an allocation, never a wait.
        var scorers = _scorers;
        var first = Thread.GetCurrentProcessorId();
        for (var i = 0; i < scorers.Length; i++)
        {
            ref var slot = ref scorers[(first + i) & (scorers.Length - 1)];
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } scorer) return scorer;
        }

        try
        {
            return Package.NewScorer(counts: !_isShadow);
        }
        catch
        {
            // Who does not call must not keep the version from being disposed of.
            Exit();
            throw;
        }
    }

    /// <summary>Gives the scorer of a call back.</summary>
    public void Exit(ModelScorer scorer)
    {
        scorer.Clear();
        var scorers = _scorers;
        var first = Thread.GetCurrentProcessorId();
        for (var i = 0; i < scorers.Length; i++)
        {
            ref var slot = ref scorers[(first + i) & (scorers.Length - 1)];
            if (slot is not null || Interlocked.CompareExchange(ref slot, scorer, null) is not null) continue;
            Exit();
            return;
        }

        // There is no room: what the scorer keeps goes with it.
        scorer.Dispose();
        Exit();
    }

    /// <summary>Lets no more calls in, and disposes the package when the last one has ended.</summary>
    public void Retire()
    {
        if (Interlocked.Or(ref _callers, Retired) == 0) Dispose();
    }

    private void Exit()
    {
        if (Interlocked.Decrement(ref _callers) == Retired) Dispose();
    }

    // A call that comes after the last one has left ends as the last one, too.
    private void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        foreach (ref var slot in _scorers.AsSpan()) Interlocked.Exchange(ref slot, null)?.Dispose();
        Recorder?.Close();
        _calls.Close();
        Package.Dispose();
    }

    private sealed record OwnedCircuit(StandIn StandIn, Circuit Circuit);
}
