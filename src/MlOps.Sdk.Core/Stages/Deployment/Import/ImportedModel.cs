using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>What came of an import.</summary>
/// <param name="Version">The registered version.</param>
/// <param name="Inputs">The columns that the model reads.</param>
/// <param name="Gates">What every gate said.</param>
/// <param name="Metrics">How good the model is on the declared rows, by name of the metric.</param>
/// <param name="Rows">How many rows it was judged on.</param>
/// <param name="Comparison">The comparison with the version that was live; <see langword="null"/> when there was none.</param>
/// <param name="IsPromoted">Whether it is the live version now.</param>
/// <param name="Reason">Why, in sentences.</param>
public sealed record ImportedModel(
    ModelVersion Version,
    IReadOnlyList<Field> Inputs,
    IReadOnlyList<GateResult> Gates,
    IReadOnlyDictionary<string, MetricValue> Metrics,
    int Rows,
    ChampionComparison? Comparison,
    bool IsPromoted,
    string Reason)
{
    /// <summary>Whether no gate failed.</summary>
    public bool IsBlessed => Gates.Count > 0 && Gates.All(gate => gate.Outcome != GateOutcome.Failed);

    /// <summary>
    /// The number of the request that people approve the version; <see langword="null"/> when it awaits no approval. When all have
    /// approved, the version goes live.
    /// </summary>
    public long? AwaitsApproval { get; init; }

    /// <summary>What came of it, with every gate and metric in a line.</summary>
    public override string ToString() => $"{Version.Model} version {Version.Version} {(IsPromoted ? "is live" : "is not live")}: {Reason}" +
        string.Concat(Gates.Select(gate => $"{Environment.NewLine}  {gate}")) +
        string.Concat(Metrics.Select(metric => $"{Environment.NewLine}  {metric.Key} {metric.Value}"));
}
