using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>A run that a search found, with what was logged.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record FoundRun
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The name of its lifecycle or experiment.</summary>
    public required string Lifecycle { get; init; }

    /// <summary>Of what kind it is.</summary>
    public required RunKind Kind { get; init; }

    /// <summary>What has become of it, at the moment of reading.</summary>
    public required RunState State { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, in UTC; <see langword="null"/> while it runs, and when it was killed.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it was started.</summary>
    public required string Cause { get; init; }

    /// <summary>The run that it belongs to.</summary>
    public string? ParentRun { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public string? Error { get; init; }

    /// <summary>Its parameters, by name.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>The last values of its metrics, by name; they may be NaN.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Its tags, by name.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
