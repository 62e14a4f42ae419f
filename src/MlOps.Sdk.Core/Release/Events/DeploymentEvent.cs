using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>What happened to a model: an entry of the audit log in the words of releases. Immutable and thread-safe.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record DeploymentEvent
{
    /// <summary>
    /// Its place among all events of the workspace: <see cref="Audit.AuditEntry.Sequence"/>, from 1, ascending, with gaps where the log has
    /// entries about other things; 0 for a test.
    /// </summary>
    public required long Position { get; init; }

    /// <summary>What happened.</summary>
    public required DeploymentEventKind Kind { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version that it is about; <see langword="null"/> where it is about none.</summary>
    public int? Version { get; init; }

    /// <summary>The version that was live before; <see langword="null"/> where none was, or that is not what happened.</summary>
    public int? PreviousVersion { get; init; }

    /// <summary>The share of the calls that a rollout gives to its version, 0 to 1; <see langword="null"/> elsewhere.</summary>
    public double? Share { get; init; }

    /// <summary>The target that was brought to the live version; <see langword="null"/> elsewhere.</summary>
    public string? Target { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required string Actor { get; init; }

    /// <summary>Why; <see langword="null"/> where nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>The event in a line.</summary>
    public override string ToString() => RecordText.Of(this);
}
