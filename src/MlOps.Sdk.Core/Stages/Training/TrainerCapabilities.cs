using System.Runtime.InteropServices;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Training;

/// <summary>What a trainer can do, and what it needs.</summary>
/// <param name="Tasks">The tasks that it solves.</param>
/// <param name="HandlesMissing">Whether NaN features are understood; otherwise they are rejected.</param>
public sealed record TrainerCapabilities(IReadOnlyList<TaskKind> Tasks, bool HandlesMissing = false)
{
    /// <summary>
    /// When the same rows, settings and seed give the same model. A trainer that is deterministic with one thread only is given one.
    /// Default: always.
    /// </summary>
    public Determinism Determinism { get; init; } = Determinism.AnyThreads;

    /// <summary>Whether it takes a weight per row. Default: yes.</summary>
    public bool Weights { get; init; } = true;

    /// <summary>Whether it learns badly from features of unlike scale; the run warns of them. Default: no.</summary>
    public bool NeedsScaling { get; init; }

    /// <summary>Whether it stops early by means of validation rows. Default: no.</summary>
    public bool ValidationRows { get; init; }

    /// <summary>Whether it reads sparse features; otherwise they are rejected. Default: no.</summary>
    public bool Sparse { get; init; }

    /// <summary>How soon it responds to a cancellation. Default: promptly.</summary>
    public CancellationSpeed Cancellation { get; init; } = CancellationSpeed.Prompt;

    /// <summary>
    /// The portable runtime identifiers that it has libraries for, for example <c>linux-x64</c>; empty when it runs everywhere.
    /// </summary>
    public IReadOnlyList<string> RuntimeIdentifiers { get; init; } = [];

    /// <summary>The portable runtime identifier of this machine: the system, <c>musl</c> where it is one, and the architecture.</summary>
    internal static string ThisMachine { get; } = string.Join('-', [
        OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : IsMusl() ? "linux-musl" : "linux",
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
    ]);

    private static bool IsMusl() =>
        RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
        || RuntimeInformation.RuntimeIdentifier.StartsWith("alpine", StringComparison.Ordinal);

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
