using MlOps.Sdk.Metrics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>What is registered as the next version of a model.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="PackageId">The stored package.</param>
/// <param name="ContentHash">The hash of what decides predictions.</param>
/// <param name="RunId">The run that made it; <see langword="null"/> for a model trained elsewhere.</param>
/// <param name="Metrics">How good it is, by name of the metric.</param>
/// <param name="Description">What is to be known about it.</param>
/// <param name="IdempotencyKey">The same key registers once, however often the call is repeated.</param>
internal sealed record NewModelVersion(
    string Model,
    ArtifactId PackageId,
    string ContentHash,
    string? RunId,
    IReadOnlyDictionary<string, MetricValue> Metrics,
    string? Description = null,
    string? IdempotencyKey = null)
{
    /// <summary>The package itself, where it is at hand: it is put again when it is lost.</summary>
    public ReadOnlyMemory<byte> Package { get; init; }

    /// <summary>By what the registrar is known; <see langword="null"/> where it is the name.</summary>
    public string? RegistrarId { get; init; }

    /// <summary>The version of another workspace that it is a copy of; <see langword="null"/> when it is none.</summary>
    public string? Origin { get; init; }

    /// <summary>The number that it has in the workspace that it came from; <see langword="null"/> for the next one.</summary>
    public int? Version { get; init; }
}
