using System.Globalization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>A registered version of a model. What it predicts with never changes; what people say of it may.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">Its number, from 1.</param>
/// <param name="PackageId">The stored package.</param>
/// <param name="ContentHash">The hash of what decides predictions.</param>
/// <param name="RunId">The run that made it; <see langword="null"/> for a model trained elsewhere.</param>
/// <param name="CreatedAt">When it was registered, in UTC.</param>
/// <param name="Metrics">How good it was, by name of the metric.</param>
/// <param name="Description">What is to be known about it, as it was said last.</param>
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
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyDictionary<string, string> _tags = new Dictionary<string, string>();

    /// <summary>Its tags, by name.</summary>
    public IReadOnlyDictionary<string, string> Tags
    {
        get => _tags;
        init => _tags = value ?? new Dictionary<string, string>();
    }

    /// <summary>Whether it is archived: left out of lists, and not to be made live.</summary>
    public bool IsArchived { get; init; }

    /// <summary>Who deleted it, when and why; <see langword="null"/> when nobody did.</summary>
    public VersionDeletion? Deletion { get; init; }

    /// <summary>The version in a line, with its metrics.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model} version {Version}, {(RunId is null ? "trained elsewhere" : $"of run {RunId}")}, registered {CreatedAt:u}") +
            string.Concat(Metrics.Select(metric => $", {metric.Key} {metric.Value}"));
}
