using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>A section of a model card.</summary>
/// <param name="Title">Its title, for example <c>Training data</c>.</param>
/// <param name="Facts">Its facts, in order.</param>
/// <param name="Tables">Its tables, in order.</param>
public sealed record ModelCardSection(
    string Title, IReadOnlyList<ModelCardFact> Facts, IReadOnlyList<ModelCardTable> Tables)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
