using System.Collections.Concurrent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>A named place in this process where one version is live. Thread-safe.</summary>
/// <param name="name">The model's name.</param>
/// <param name="calls">Stores what the versions count of their calls; <see langword="null"/> for nobody.</param>
internal sealed class ModelSlot(string name, CallLog? calls = null) : IDisposable
{
    private readonly ConcurrentDictionary<string, TargetTurn> _targets = new(StringComparer.Ordinal);
    private LiveRoute? _route;
    private readonly Lock _lock = new();
    private volatile IReadOnlyList<SlotEndpoint> _endpoints = [];
    private RefusedVersion? _refused;
    private long _switchGeneration = -1;
    private volatile ModelSwitch? _stopped;
    private volatile StandIn? _standIn;
    private StandIn? _registered;
    private StandIn? _rule;
    private long _fallbackGeneration = -1;
    private volatile bool _disposed;

    public string Name => name;

    /// <summary>
    /// Held from finding out which version is to be live until it is: who was slow to read a version must not put
    /// it in the place of a newer one.
    /// </summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Held while a target elsewhere is brought to a version, so that it gets one at a time. Nobody else waits for it.</summary>
    /// <param name="target">The name of the target.</param>
    public TargetTurn TurnOf(string target) => _targets.GetOrAdd(target, _ => new TargetTurn(new SemaphoreSlim(1, 1)));

    /// <summary>What answers calls.</summary>
    public LiveRoute? Route => Volatile.Read(ref _route);

    /// <summary>The live version; arms beside it may answer calls, too.</summary>
    public LiveModel? Current => Route?.Main.Live;

    /// <summary>
    /// The version that was to go live last and was not taken up, because the classes of the application cannot call it;
    /// <see langword="null"/> when the last one was.
    /// </summary>
    public RefusedVersion? Refused => Volatile.Read(ref _refused);

    /// <summary>Who stopped the model, when and why; <see langword="null"/> while it may answer.</summary>
    public ModelSwitch? Stopped => _stopped;

    /// <summary>Whether calls are answered here.</summary>
    public bool CanAnswer => Current is { } live && (Stopped is null || StandIn?.StandsInFor(live) == true);

    /// <summary>What answers where the model does not: the one of the registry, or else the rule of the application.</summary>
    public StandIn? StandIn => _standIn;

    /// <summary>The generation of the fallback that is followed: 0 when there never was one, −1 before anybody has looked.</summary>
    public long FallbackGeneration => Interlocked.Read(ref _fallbackGeneration);

    /// <summary>Lets a rule of the application answer where the model does not, and the registry has nothing that does.</summary>
    public void Use(StandIn rule)
    {
        lock (_lock)
        {
            _rule = rule;
            _standIn = _registered ?? rule;
        }

        KeepCircuits();
    }

    /// <summary>Follows the fallback of the registry; one that is older than the one that is followed is left alone.</summary>
    public void Follow(long generation, StandIn? registered)
    {
        StandIn? replaced;
        lock (_lock)
        {
            var isNewer = !_disposed && _fallbackGeneration < generation;
            replaced = isNewer ? _registered : registered;
            if (isNewer)
            {
                _registered = registered;
                _standIn = registered ?? _rule;
                Interlocked.Exchange(ref _fallbackGeneration, generation);
            }
        }

        KeepCircuits();
        replaced?.Live?.Retire();
    }

    private void KeepCircuits()
    {
        foreach (var live in Route?.Models ?? []) live.KeepCircuitOf(_standIn);
    }

    /// <summary>
    /// The generation of the switch that is followed: 0 for a model that never was stopped, −1 before anybody has looked.
    /// </summary>
    public long SwitchGeneration => Interlocked.Read(ref _switchGeneration);

    /// <summary>Follows the switch of the model; one that is older than the one that is followed is left alone.</summary>
    /// <param name="next">The switch; <see langword="null"/> for a model that never was stopped.</param>
    /// <returns>Whether it was followed.</returns>
    public bool Follow(ModelSwitch? next)
    {
        lock (_lock)
        {
            var generation = next?.Generation ?? 0;
            if (_switchGeneration >= generation) return false;
            _stopped = next is { IsStopped: true } ? next : null;
            Interlocked.Exchange(ref _switchGeneration, generation);
            return true;
        }
    }

    /// <summary>The version that is live.</summary>
    /// <exception cref="ModelNotLiveException">No version is live.</exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    public LiveModel RequireCurrent() => RequireRoute().Main.Live;

    /// <summary>Names the models that are live in this process.</summary>
    public Func<IEnumerable<string>> LiveNames { get; init; } = () => [];

    /// <inheritdoc cref="RequireCurrent"/>
    public LiveRoute RequireRoute()
    {
        if (Route is { } route) return route;
        if (_disposed) throw new ObjectDisposedException("Workspace", $"The workspace of the endpoint '{name}' was disposed of.");
        if (Refused is { } refused)
        {
            throw new ModelNotLiveException(
                $"No version of '{name}' is live: the application cannot call version {refused.Version}. {refused.Why}",
                "Correct the classes of the application, or promote a version that they can call.");
        }
        throw new ModelNotLiveException(
            $"No version of '{name}' is live in this process.",
            (NearestName.Find(name, LiveNames()) is { } near ? $"Did you mean '{near}'? " : "") +
                $"Call workspace.ServeAsync(\"{name}\") to serve the version that was promoted last; if there is none, run its lifecycle " +
                "until a version passes the gates and is deployed with ToProcess(). The endpoint answers as soon as a version is live.");
    }

    /// <summary>The id under which a prediction is recorded.</summary>
    /// <exception cref="ArgumentException">The id is <see langword="default"/>.</exception>
    public static PredictionId Require(PredictionId id) =>
        id != default
            ? id
            : throw new ArgumentException(
                "The default id does not belong to any prediction. Use PredictionId.New(), " +
                    "or PredictionId.FromKey(…) for your own key.",
                nameof(id));

    /// <summary>Adds the types of an endpoint: a version that cannot be called with them does not go live here.</summary>
    public void Add(SlotEndpoint endpoint)
    {
        lock (_lock) _endpoints = [.. _endpoints, endpoint];
    }

    /// <summary>Says that what is live is what is to be live: nothing is rejected any more.</summary>
    public void Accept() => Volatile.Write(ref _refused, null);

    /// <summary>All that keeps a version from being called with the types of the endpoints.</summary>
    public RefusedVersion? FindMismatches(int version, ModelPackage package)
    {
        string[] mismatches =
        [
            .. _endpoints.SelectMany(endpoint => endpoint.Contract.FindMismatches(package.Graph.Input, package.Decision.Labels.Task).Select(
                mismatch => $"{endpoint.Contract.Types}: {mismatch}")),
        ];
        return mismatches.Length == 0 ? null : new RefusedVersion(version, mismatches);
    }

    /// <summary>
    /// Makes a version live, unless an endpoint cannot call it; calls in progress finish on the version that they began with.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="package">Its package, which is disposed of when it is retired or rejected.</param>
    /// <param name="record">Makes what records its predictions.</param>
    /// <exception cref="MlOpsException">An endpoint cannot call it; what is live stays.</exception>
    public void Swap(int version, ModelPackage package, Func<IPredictionRecorder?> record)
    {
        if (FindMismatches(version, package) is { } refused)
        {
            package.Dispose();
            Volatile.Write(ref _refused, refused);
            throw refused.ToException(name);
        }

        // An arm that becomes the live version goes on as it is.
        var next = Route?.Models.FirstOrDefault(live => live.Version == version && live.Package.ContentHash == package.ContentHash);
        if (next is null) next = Prepare(version, package, record, generation: 0);
        else package.Dispose();
        Exchange(new LiveRoute(name, next, [], [], 0));
        Accept();
    }

    /// <summary>
    /// Divides calls over the live version and arms. Versions that are served already stay as they are; those that have no arm any more are
    /// retired.
    /// </summary>
    /// <param name="generation">The generation of the division.</param>
    /// <param name="arms">The arms, with what reads the package of one that is not served yet.</param>
    /// <param name="record">Makes what records the predictions of a version.</param>
    /// <param name="shadow">Makes a shadow of a version that is ready to be called.</param>
    /// <exception cref="MlOpsException">A version cannot be served here; what is live stays.</exception>
    public void Divide(
        long generation,
        IReadOnlyList<(TrafficArm Arm, Func<ModelPackage> Read)> arms,
        Func<int, ModelPackage, IPredictionRecorder?> record,
        Func<TrafficArm, LiveModel, Shadow> shadow)
    {
        var before = RequireRoute();
        var served = new List<(TrafficArm Arm, LiveModel Live)>();
        var shadows = new List<(Shadow Shadow, double Share)>();
        var added = new List<LiveModel>();
        try
        {
            foreach (var (arm, read) in arms)
            {
                if (arm.IsShadow)
                {
                    // What a shadow answers is never recorded as a prediction.
                    var known = before.Shadows.FirstOrDefault(one => IsOf(arm, one.Shadow));
                    if (known.Shadow is null)
                    {
                        var model = Load(arm.Version, read(), () => null, generation, isShadow: true);
                        added.Add(model);
                        known.Shadow = shadow(arm, model);
                    }
                    shadows.Add((known.Shadow, arm.Share));
                    continue;
                }

                var live = before.Models.FirstOrDefault(model => model.Version == arm.Version);
                if (live is null)
                {
                    var package = read();
                    added.Add(live = Load(arm.Version, package, () => record(arm.Version, package), generation));
                }
                served.Add((arm, live));
            }
        }
        catch
        {
            foreach (var live in added) live.Retire();
            throw;
        }

        Exchange(new LiveRoute(name, before.Main.Live, served, shadows, generation));
    }

    /// <summary>Whether the version of an arm is served already as the arm wants it.</summary>
    public bool Serves(TrafficArm arm) => Route is { } route && (arm.IsShadow
        ? route.Shadows.Any(one => IsOf(arm, one.Shadow))
        : route.Models.Any(live => live.Version == arm.Version));

    private static bool IsOf(TrafficArm arm, Shadow shadow) => shadow.Live.Version == arm.Version && shadow.Name == arm.Name;

    /// <summary>Makes a version ready to be called beside the live one.</summary>
    /// <exception cref="MlOpsException">An endpoint cannot call it.</exception>
    public LiveModel Load(
        int version, ModelPackage package, Func<IPredictionRecorder?> record, long generation, bool isShadow = false)
    {
        if (FindMismatches(version, package) is not { } refused) return Prepare(version, package, record, generation, isShadow);
        package.Dispose();
        throw refused.ToException(name);
    }

    private LiveModel Prepare(
        int version, ModelPackage package, Func<IPredictionRecorder?> record, long generation, bool isShadow = false)
    {
        var counter = (isShadow ? null : calls)?.NewCounters(name, version, generation) ?? VersionCalls.Of(name, version);
        var next = new LiveModel(version, package, record(), counter, isShadow);
        try
        {
            // No call has to wait until what it needs is compiled.
            foreach (var endpoint in _endpoints) endpoint.Prepare(next);
            return next;
        }
        catch
        {
            next.Retire();
            throw;
        }
    }

    private void Exchange(LiveRoute? next)
    {
        var before = Interlocked.Exchange(ref _route, next);
        foreach (var live in (before?.Models ?? []).Except(next?.Models ?? [])) live.Retire();
        var kept = next?.Shadows ?? [];
        foreach (var (shadow, _) in before?.Shadows ?? [])
        {
            if (kept.All(one => one.Shadow != shadow)) shadow.Close();
        }

        // Whoever disposed of the slot meanwhile has not seen it.
        if (_disposed && next is not null) Exchange(null);
    }

    public void Dispose()
    {
        StandIn? registered;
        lock (_lock)
        {
            _disposed = true;
            (registered, _registered, _standIn) = (_registered, null, null);
        }

        Exchange(null);
        registered?.Live?.Retire();
    }
}
