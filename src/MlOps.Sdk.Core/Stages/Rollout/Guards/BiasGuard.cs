using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>Limits the difference of the shares of positive decisions between the groups of an attribute (demographic parity).</summary>
internal sealed class BiasGuard(string attribute, double atMost) : IRolloutGuard
{
    private const int FewGroups = 10;
    private const int MostGroups = 101;

    public string Name => $"bias by {attribute}";

    public RolloutNeeds Needs { get; } = new() { Attributes = [attribute] };

    public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
    {
        if (context.Task != TaskKind.BinaryClassification)
        {
            throw new MlOpsException(
                $"The guard '{Name}' watches the shares of positive decisions, and '{context.Model}' makes none.",
                "Use RolloutGuards.Bias for binary classification only.");
        }
        GroupWindow[] groups = step.Candidate.Groups.TryGetValue(attribute, out var counted)
            ? [.. counted.Where(group => group.Group is not null && group.Rows > 0)]
            : [];
        var limit = $"a difference of {Judgement.Points(atMost)}";
        if (groups.Length < 2)
        {
            var few = groups.Length == 0
                ? $"the candidate has no predictions for a group of '{attribute}' yet"
                : $"the candidate has predictions for only one group of '{attribute}' yet";
            return Judgement.Judge(Name, double.NaN, new ConfidenceInterval(0, 1, level), atMost, few, limit);
        }

        // Groups that come later have their share of the level from the beginning: half of it is for few groups, half for many.
        var each = Judgement.LevelOfEach(level, 2 * (groups.Length <= FewGroups ? FewGroups : Math.Max(groups.Length, MostGroups)));
        var shares = Array.ConvertAll(groups, group => ConfidenceSequences.OfProportion(group.Positives, group.Rows, each));
        var rates = Array.ConvertAll(groups, group => (double)group.Positives / group.Rows);
        var (high, low) = (Array.IndexOf(rates, rates.Max()), Array.IndexOf(rates, rates.Min()));
        return Judgement.Judge(
            Name,
            rates[high] - rates[low],
            new ConfidenceInterval(
                Math.Max(0, shares.Max(share => share.Lower) - shares.Min(share => share.Upper)),
                shares.Max(share => share.Upper) - shares.Min(share => share.Lower),
                level),
            atMost,
            FormattableString.Invariant(
                $"the share of positive decisions is {rates[high]:P1} of {groups[high].Rows:N0} for {Shown(groups[high].Group)} and ") +
                FormattableString.Invariant($"{rates[low]:P1} of {groups[low].Rows:N0} for {Shown(groups[low].Group)}"),
            limit);
    }

    // What callers send: it becomes a part of reasons, alerts and the audit log.
    private static string Shown(string? group) => PrintableText.Shorten(group!);
}
