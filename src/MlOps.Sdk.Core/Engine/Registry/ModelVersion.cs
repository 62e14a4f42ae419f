using System.Globalization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>A registered version of a model. It never changes.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">Its number, from 1.</param>
/// <param name="PackageId">The stored package.</param>
/// <param name="ContentHash">The hash of what decides predictions.</param>
/// <param name="RunId">The run that made it; <see langword="null"/> for a model trained elsewhere.</param>
/// <param name="CreatedAt">When it was registered, in UTC.</param>
/// <param name="Metrics">How good it was, by name of the metric.</param>
/// <param name="Description">What is to be known about it.</param>
public sealed record ModelVersion(
    string Model,
    int Version,
    ArtifactId PackageId,
    string ContentHash,
    string? RunId,
    DateTimeOffset CreatedAt,
    IReadOnlyDictionary<string, MetricValue> Metrics,
    string? Description)
{
    /// <summary>The version in a line, with its metrics.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model} version {Version}, {(RunId is null ? "trained elsewhere" : $"of run {RunId}")}, registered {CreatedAt:u}") +
            string.Concat(Metrics.Select(metric => $", {metric.Key} {metric.Value}"));
}
