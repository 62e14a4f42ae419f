namespace MlOps.Sdk.Metrics;

/// <summary>
/// How differently a binary classifier treats groups. Rows without a group are left out, and so are groups with fewer rows than the
/// minimum. A metric is undefined, with the reason, when fewer than two groups remain that have the rate. With weights, rates are shares of
/// weights, as in fairlearn with <c>sample_weight</c>; the minimum counts rows. Thread-safe.
/// </summary>
public static class FairnessMetrics
{
    /// <summary>The rates of each group, ordered by group.</summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="groups">The group per row; <see langword="null"/> where missing.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static IReadOnlyList<GroupRates> ByGroup(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, IReadOnlyList<string?> groups, ReadOnlySpan<double> weights = default)
    {
        MetricInput.RequirePaired(labels.Length, decisions.Length, nameof(decisions));
        MetricInput.RequirePaired(labels.Length, groups.Count, nameof(groups));
        weights = MetricInput.Weights(labels.Length, weights);
        var tallies = new SortedDictionary<string, GroupTally>(StringComparer.Ordinal);
        for (var i = 0; i < labels.Length; i++)
        {
            int truth = MetricInput.Class(labels[i], 2, nameof(labels)), decision = MetricInput.Class(decisions[i], 2, nameof(decisions));
            if (groups[i] is not { } group) continue;
            if (!tallies.TryGetValue(group, out var tally)) tallies.Add(group, tally = new GroupTally());
            tally.Add(truth, decision, weights.At(i));
        }

        var weighted = !weights.IsEmpty;
        return [.. tallies.Select(tally => tally.Value.Rates(tally.Key, weighted))];
    }

    /// <summary>The share of a group's rows that were decided positive.</summary>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="groups">The group per row; <see langword="null"/> where missing.</param>
    /// <param name="group">The group.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static MetricValue SelectionRate(
        ReadOnlySpan<double> decisions, IReadOnlyList<string?> groups, string group, ReadOnlySpan<double> weights = default)
    {
        var found = ByGroup(decisions, decisions, groups, weights).FirstOrDefault(rates => rates.Group == group);
        return found is null ? MetricValue.NotDefined($"The group '{group}' has no rows.") : new MetricValue(found.SelectionRate);
    }

    /// <summary>The largest minus the smallest selection rate, 0 to 1; 0 is parity.</summary>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="groups">The group per row; <see langword="null"/> where missing.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 1.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static MetricValue DemographicParityDifference(
        ReadOnlySpan<double> decisions,
        IReadOnlyList<string?> groups,
        int minimumGroupSize = 1,
        ReadOnlySpan<double> weights = default) =>
        GroupGap.Difference(ByGroup(decisions, decisions, groups, weights), minimumGroupSize, GroupGap.Selection);

    /// <summary>
    /// The smallest divided by the largest selection rate, 0 to 1; 1 is parity, below 0.8 fails the four-fifths rule.
    /// Undefined when nobody was selected.
    /// </summary>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="groups">The group per row; <see langword="null"/> where missing.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 1.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static MetricValue DemographicParityRatio(
        ReadOnlySpan<double> decisions,
        IReadOnlyList<string?> groups,
        int minimumGroupSize = 1,
        ReadOnlySpan<double> weights = default) =>
        GroupGap.Ratio(ByGroup(decisions, decisions, groups, weights), minimumGroupSize, GroupGap.Selection);

    /// <summary>The largest minus the smallest true positive rate, 0 to 1; 0 is equal opportunity (Hardt, Price and Srebro 2016).</summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="groups">The group per row; <see langword="null"/> where missing.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 1.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static MetricValue EqualOpportunityDifference(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> decisions,
        IReadOnlyList<string?> groups,
        int minimumGroupSize = 1,
        ReadOnlySpan<double> weights = default) =>
        GroupGap.Difference(ByGroup(labels, decisions, groups, weights), minimumGroupSize, GroupGap.TruePositive);

    /// <summary>
    /// The larger of the gaps of true and of false positive rates, 0 to 1; 0 is equalized odds (Hardt, Price and Srebro 2016).
    /// </summary>
    /// <param name="labels">1 or 0 per row.</param>
    /// <param name="decisions">1 or 0 per row.</param>
    /// <param name="groups">The group per row; <see langword="null"/> where missing.</param>
    /// <param name="minimumGroupSize">Groups with fewer rows are left out. Default: 1.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is neither 0 nor 1.</exception>
    public static MetricValue EqualizedOddsDifference(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> decisions,
        IReadOnlyList<string?> groups,
        int minimumGroupSize = 1,
        ReadOnlySpan<double> weights = default)
    {
        var rates = ByGroup(labels, decisions, groups, weights);
        var ofPositives = GroupGap.Difference(rates, minimumGroupSize, GroupGap.TruePositive);
        var ofNegatives = GroupGap.Difference(rates, minimumGroupSize, GroupGap.FalsePositive);
        if (!ofPositives.IsDefined) return ofPositives;
        return !ofNegatives.IsDefined || ofNegatives.Value > ofPositives.Value ? ofNegatives : ofPositives;
    }
}
