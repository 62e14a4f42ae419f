using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>What a target serves beside what it is to serve.</summary>
public sealed record TargetState
{
    /// <summary>The target's name.</summary>
    public required string Target { get; init; }

    /// <summary>The version that is live in the registry.</summary>
    public required int DesiredVersion { get; init; }

    /// <summary>The version that the target served when it was looked at; <see langword="null"/> for none, or if nobody knows.</summary>
    public int? ObservedVersion { get; init; }

    /// <summary>Whether the target served the live version, to the byte of its package, when it was looked at.</summary>
    public bool IsInSync { get; init; }

    /// <summary>Whether it was brought to the live version.</summary>
    public bool IsRepaired { get; init; }

    /// <summary>Why it cannot be observed or repaired; <see langword="null"/> when nothing failed.</summary>
    public string? Problem { get; init; }

    /// <summary>The record in a line.</summary>
    public override string ToString() => RecordText.Of(this);
}
