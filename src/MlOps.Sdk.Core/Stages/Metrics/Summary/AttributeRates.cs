using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Metrics;

/// <summary>How a binary classifier treats the groups of a protected attribute.</summary>
/// <param name="Attribute">The column of the attribute.</param>
/// <param name="Groups">The groups of at least 30 rows, ordered by name; of more than 30 groups the largest.</param>
/// <param name="OtherGroups">How many groups were left out, because they are smaller or there are too many.</param>
/// <param name="OtherRows">The rows of these groups, and those without a value.</param>
public sealed record AttributeRates(string Attribute, IReadOnlyList<GroupRates> Groups, int OtherGroups, long OtherRows)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
