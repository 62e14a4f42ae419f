using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Everything that is recorded of a run, but its metric series.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RunDetails
{
    /// <summary>The run with its stages.</summary>
    public required RunRecord Run { get; init; }

    /// <summary>Its parameters, by name.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>The last values of its metrics, by name; they may be NaN.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Its tags, by name.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>Its notes, the oldest first.</summary>
    public required IReadOnlyList<RunNote> Notes { get; init; }

    /// <summary>Its artifacts, by name. What a lifecycle's stages made is in their outputs.</summary>
    public required IReadOnlyList<RunArtifact> Artifacts { get; init; }

    /// <summary>The rows that it used.</summary>
    public required IReadOnlyList<RunDataset> Datasets { get; init; }

    /// <summary>The ids of the runs that belong to it, the oldest first.</summary>
    public required IReadOnlyList<string> Children { get; init; }

    /// <summary>Where it was executed; <see langword="null"/> for runs of earlier versions of the library.</summary>
    public RunEnvironment? Environment { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
