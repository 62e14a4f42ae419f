using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Training;

/// <summary>A tree, as one describes it for <see cref="ModelFactory.Trees"/>.</summary>
/// <param name="Splits">The splits; the first is the root. None when the tree is a single leaf.</param>
/// <param name="Leaves">What each leaf adds to the raw score; one more than there are splits.</param>
/// <param name="Output">The output that the tree adds to, from 0.</param>
public sealed record DecisionTree(IReadOnlyList<TreeSplit> Splits, IReadOnlyList<double> Leaves, int Output = 0)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
