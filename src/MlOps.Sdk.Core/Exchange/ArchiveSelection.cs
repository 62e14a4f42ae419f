using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>
/// What of a workspace is exported. The parts are joined: what any of them names is in the archive, each thing once. The child runs of a
/// run come with it, and the runs that versions came of.
/// </summary>
public sealed record ArchiveSelection
{
    /// <summary>All runs, all versions of all models, and the whole audit log.</summary>
    public static ArchiveSelection Everything { get; } = new() { IsEverything = true };

    /// <summary>Runs by a filter; <see langword="null"/> for none.</summary>
    public RunFilter? Runs { get; init; }

    /// <summary>Runs by their ids.</summary>
    public IReadOnlyList<string> RunIds { get; init; } = [];

    /// <summary>Models, with all their versions and what the audit log says of them.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Single versions, with what the audit log says of them.</summary>
    public IReadOnlyList<ModelVersion> Versions { get; init; } = [];

    internal bool IsEverything { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => IsEverything ? "everything" : RecordText.Of(this);
}
