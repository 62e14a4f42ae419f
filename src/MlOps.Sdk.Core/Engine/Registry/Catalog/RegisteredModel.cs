using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>A model of the registry.</summary>
public sealed record RegisteredModel
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What is to be known about it; <see langword="null"/> when nothing was said.</summary>
    public string? Description { get; init; }

    /// <summary>Its tags, by name.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    /// <summary>The version that each alias points to, <c>champion</c> included.</summary>
    public required IReadOnlyDictionary<string, int> Aliases { get; init; }

    /// <summary>How many versions there are, without those that are archived or deleted.</summary>
    public required int Versions { get; init; }

    /// <summary>How many versions are archived.</summary>
    public required int ArchivedVersions { get; init; }

    /// <summary>How many versions were deleted.</summary>
    public required int DeletedVersions { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
