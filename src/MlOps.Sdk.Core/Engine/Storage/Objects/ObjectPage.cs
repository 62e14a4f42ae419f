using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Storage;

/// <summary>A part of the list of the objects in a store.</summary>
/// <param name="Objects">The objects; may be none although more follow.</param>
/// <param name="Next">What asks for the next part; <see langword="null"/> at the end.</param>
public sealed record ObjectPage(IReadOnlyList<StoredObject> Objects, string? Next)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
