using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>What came of stage 2.</summary>
/// <param name="Sources">The sources, by name.</param>
/// <param name="Version">What identifies their content; <see langword="null"/> when a source cannot tell.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The columns.</param>
public sealed record CollectionSummary(IReadOnlyList<string> Sources, string? Version, long Rows, IReadOnlyList<Field> Columns)
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<string> _notes = [];

    /// <summary>What should be looked at, as sentences: columns of numbers that a few values make text.</summary>
    public IReadOnlyList<string> Notes
    {
        get => _notes;
        init => _notes = value ?? [];
    }
}
