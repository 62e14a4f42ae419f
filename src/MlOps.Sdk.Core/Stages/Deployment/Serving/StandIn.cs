using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>What answers in the place of a model: a version, a constant, or a rule. Thread-safe.</summary>
/// <param name="circuits">Makes the circuit of a version that it stands in for.</param>
internal sealed class StandIn(Func<int, CircuitOptions, Circuit> circuits)
{
    /// <summary>The arm that it answers as.</summary>
    public const string Arm = "fallback";

    /// <summary>The version that answers; <see langword="null"/> for a constant or a rule.</summary>
    public LiveModel? Live { get; init; }

    /// <summary>The constant answer; <see langword="null"/> for a version or a rule.</summary>
    public FallbackAnswer? Answer { get; init; }

    /// <summary>The rule; <see langword="null"/> for a version or a constant.</summary>
    public FallbackRule? Rule { get; init; }

    public CircuitOptions Options { get; init; } = new();

    /// <summary>Whether it can stand in for a version: a version cannot for itself.</summary>
    public bool StandsInFor(LiveModel live) => Live?.Version != live.Version;

    public Circuit NewCircuit(int version) => circuits(version, Options);
}
