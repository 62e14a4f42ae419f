using System.Globalization;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>How a new package stands against the version that is live.</summary>
/// <param name="Champion">The version that is live; <see langword="null"/> when none is.</param>
/// <param name="IsSame">Whether the two are the same, to the last bit.</param>
internal sealed record TrialOutcome(ModelVersion? Champion, bool IsSame = false)
{
    /// <summary>The comparison; <see langword="null"/> when there was none.</summary>
    public ChampionComparison? Comparison { get; init; }

    /// <summary>Why the two cannot be compared; <see langword="null"/> when they can, or need not be.</summary>
    public string? Incomparable { get; init; }

    /// <summary>Why the gates let the version through or not, in sentences.</summary>
    public string Explain(Blessing blessing)
    {
        if (!blessing.IsBlessed)
        {
            return string.Join(
                " ",
                blessing.Gates
                    .Where(gate => gate.Outcome == GateOutcome.Failed)
                    .Select(gate => gate.IsPending ? $"It passed every other gate. {gate.Explanation}"
                        : $"The gate '{gate.Name}' failed: {gate.Observed}, where {gate.Required} is required. {gate.Explanation}"));
        }
        return (IsSame ? $"The model is the same as version {Champion!.Version}, to the last bit." : ExplainBlessed(blessing))
            + NotJudged(blessing);
    }

    private string ExplainBlessed(Blessing blessing) =>
        Comparison is not { } comparison
            ? $"It passed every gate{WithoutTarget(blessing)}, and no comparable version was live."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"It is better than version {comparison.Champion} on the same {comparison.Rows:N0} rows: {comparison.Metric} " +
                    $"{comparison.ChallengerValue:0.0000} against {comparison.ChampionValue:0.0000}, difference " +
                    $"{Prose.Signed(comparison.Difference)} with {comparison.Level:P1} interval " +
                    $"[{Prose.Signed(comparison.Lower)}, {Prose.Signed(comparison.Upper)}], " +
                    $"above the margin {comparison.Margin:0.####}.");

    private static string NotJudged(Blessing blessing)
    {
        string[] names =
        [
            .. blessing.Gates
                .Where(gate => gate is { Outcome: GateOutcome.NotApplicable, Observed: Gates.Undefined } && gate.Required != Gates.NoTarget)
                .Select(gate => gate.Name),
        ];
        return names.Length == 0 ? "" : $" Not judged, because undefined on the holdout: {string.Join(", ", names)}.";
    }

    // That a model loads and predicts says nothing about how well.
    private static string WithoutTarget(Blessing blessing) =>
        blessing.Gates.Any(gate => gate is { Outcome: GateOutcome.NotApplicable, Required: Gates.NoTarget })
            && blessing.Gates.All(gate => gate.Outcome != GateOutcome.Passed || gate.Name == Gates.Load)
            ? ", though no metric has a target"
            : "";
}
