using System.Globalization;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Evidence;

/// <summary>How two versions answer the same rows: the golden rows of the first one, which its package keeps.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="LargestDifference">The largest difference of a score, absolute.</param>
/// <param name="MeanDifference">The mean difference of scores, absolute.</param>
/// <param name="OtherDecisions">In how many rows the decision is another one; 0 for regression.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record AnswerComparison(int Rows, double LargestDifference, double MeanDifference, int OtherDecisions)
{
    /// <summary>The comparison in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{OtherDecisions:N0} other decisions in {Rows:N0} golden rows; scores differ by {MeanDifference:0.####} on average, " +
            $"{LargestDifference:0.####} at most");
}
