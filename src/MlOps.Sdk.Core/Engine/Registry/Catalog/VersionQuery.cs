using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>Which versions are meant: those that meet all that is set.</summary>
public sealed record VersionQuery
{
    /// <summary>Only versions of this model; <see langword="null"/> for all models.</summary>
    public string? Model { get; init; }

    /// <summary>Only versions that have all these tags, by name; a value of <see langword="null"/> is any value. Default: none.</summary>
    public IReadOnlyDictionary<string, string?> Tags { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether archived versions are meant, too. Default: no.</summary>
    public bool IncludeArchived { get; init; }

    /// <summary>Whether deleted versions are meant, too: what is recorded of them. Default: no.</summary>
    public bool IncludeDeleted { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
