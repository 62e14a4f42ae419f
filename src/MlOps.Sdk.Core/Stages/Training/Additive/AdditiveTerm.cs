using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Training;

/// <summary>
/// What one feature adds to a raw score: a step function of its value, as one describes it for <see cref="ModelFactory.Additive"/>.
/// </summary>
/// <param name="Feature">The feature, from 0.</param>
/// <param name="UpperBounds">
/// The highest value of each step, ascending; values above the last one belong to the last step. The last may be infinite.
/// </param>
/// <param name="Effects">What each step adds; as many as there are bounds.</param>
/// <param name="MissingEffect">What a missing value (NaN) adds.</param>
/// <param name="Output">The output that the feature adds to, from 0.</param>
public sealed record AdditiveTerm(
    int Feature, IReadOnlyList<double> UpperBounds, IReadOnlyList<double> Effects, double MissingEffect, int Output = 0)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
