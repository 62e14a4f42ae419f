using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Of the largest gap between the groups of an attribute.</summary>
/// <param name="attribute">The attribute's column.</param>
/// <param name="minimumGroupSize">Groups with fewer rows are left out.</param>
/// <param name="isRatio">Whether the gap is the smallest ratio instead of the largest difference.</param>
/// <param name="kinds">The rows whose share of positive decisions is compared: of each label, or of any where there is none.</param>
internal sealed class GapUncertainty(string attribute, int minimumGroupSize, bool isRatio, params double?[] kinds) : IUncertainty
{
    /// <summary>Whether the gap is a ratio.</summary>
    public bool IsRatio => isRatio;

    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        if (evaluation.Task != TaskKind.BinaryClassification) return null;
        var labels = evaluation.Labels;
        var families = Families(
            evaluation,
            (groups, group, kind) => Outcomes.Share(
                evaluation,
                row => groups[row] == group && IsOfKind(labels.Span[row], kind) ? evaluation.Decision(row) == 1 : null));
        return isRatio ? LargestGap.Ratio(families[0], plan.Level) : LargestGap.Difference(families, plan.Level);
    }

    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        if (champion.Task != TaskKind.BinaryClassification
            || !champion.GroupsOf(attribute).SequenceEqual(challenger.GroupsOf(attribute)))
        {
            return null;
        }

        var labels = champion.Labels;
        var families = Families(
            champion,
            (groups, group, kind) => Outcomes.Share(
                champion,
                row => groups[row] == group && IsOfKind(labels.Span[row], kind),
                row => champion.Decision(row) == 1,
                row => challenger.Decision(row) == 1));
        return new MethodComparison("gaps of groups by Wilson's limits", GapComparison.Compare(families, isRatio, plan.Level));
    }

    private static bool IsOfKind(double label, double? kind) => kind is not { } wanted || label == wanted;

    private List<IReadOnlyList<T>> Families<T>(Evaluation evaluation, Func<string?[], string, double?, T?> share)
        where T : struct
    {
        string?[] groups = [.. evaluation.GroupsOf(attribute)];
        string[] compared =
        [
            .. groups.OfType<string>().GroupBy(group => group).Where(group => group.Count() >= minimumGroupSize).Select(group => group.Key)
                .Order(StringComparer.Ordinal)
        ];
        var families = new List<IReadOnlyList<T>>();
        foreach (var kind in kinds)
        {
            T[] shares = [.. compared.Select(group => share(groups, group, kind)).OfType<T>()];
            if (shares.Length >= 2) families.Add(shares);
        }

        return families;
    }
}
