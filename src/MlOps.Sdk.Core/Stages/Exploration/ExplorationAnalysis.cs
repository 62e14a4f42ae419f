using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>Explores the training rows: profile, associations with the label, leakage, hypotheses.</summary>
internal static class ExplorationAnalysis
{
    /// <summary>From this strength on, a single column is too good to be true.</summary>
    private const double SuspiciousStrength = 0.98;

    public static ExplorationReport Run(
        Dataset trainingRows,
        ProblemDefinition problem,
        IReadOnlyList<IHypothesis> hypotheses,
        Correction correction,
        double alpha,
        string? predictedAt,
        CancellationToken cancellationToken)
    {
        var moments = predictedAt is null ? null : LaterTimes.Require(trainingRows, predictedAt);
        var profile = DatasetProfile.Of(trainingRows, cancellationToken);
        var truth = LabelTruth.Of(trainingRows, problem);
        var associations = new List<LabelAssociation>();
        var suspects = new List<LeakageSuspect>();
        foreach (var column in profile.Columns.Where(column => column.Name != problem.Label))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var association = LabelAssociations.Of(column.Name, trainingRows[column.Name], truth);
            if (association is not null) associations.Add(association);
            if (moments is not null
                && column.Name != predictedAt
                && LaterTimes.Suspect(column.Name, trainingRows[column.Name], predictedAt!, moments) is { } later)
            {
                suspects.Add(later);
            }
            if (Suspect(column, trainingRows[column.Name], association, truth) is { } suspect) suspects.Add(suspect);
        }

        var adjusted = MultipleTesting.Adjust([.. associations.Select(association => association.PValue)], correction);
        for (var i = 0; i < adjusted.Length; i++) associations[i] = associations[i] with { AdjustedPValue = adjusted[i] };
        LabelAssociation[] strongest =
        [
            .. associations.OrderByDescending(Strength).ThenBy(association => association.Column, StringComparer.Ordinal)
        ];
        return new ExplorationReport(
            problem.Label,
            profile,
            strongest,
            suspects,
            Test(trainingRows, hypotheses, correction, alpha, cancellationToken),
            correction,
            alpha)
        {
            PredictedAt = predictedAt,
            Sample = SampleAnalyzer.Run(trainingRows, profile, problem, strongest, cancellationToken),
        };
    }

    private static HypothesisResult[] Test(
        Dataset rows, IReadOnlyList<IHypothesis> hypotheses, Correction correction, double alpha, CancellationToken cancellationToken)
    {
        var results = new HypothesisResult[hypotheses.Count];
        for (var i = 0; i < results.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var call = PluginCalls.Enter("hypothesis", hypotheses[i].GetType().Name);
            results[i] = hypotheses[i].Test(rows);
        }

        var adjusted = MultipleTesting.Adjust(Array.ConvertAll(results, result => result.Test.PValue), correction);
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = results[i] with { AdjustedPValue = adjusted[i], Verdict = Decide(results[i], adjusted[i], alpha) };
        }
        return results;
    }

    private static Verdict Decide(HypothesisResult result, double adjusted, double alpha)
    {
        if (result.Verdict == Verdict.NotEnoughData && double.IsNaN(adjusted)) return Verdict.NotEnoughData;

        // That there is no effect is refuted by a small p-value, and by a large one it is not proved: the test itself says
        // when the effect is negligible.
        if (result.ClaimsNoEffect)
        {
            return adjusted <= alpha ? Verdict.NotSupported
                : result.Verdict == Verdict.Supported ? Verdict.Supported
                : Verdict.NotEnoughData;
        }
        return double.IsNaN(adjusted) ? result.Verdict : adjusted <= alpha ? Verdict.Supported : Verdict.NotSupported;
    }

    /// <summary>The measures on one scale, 0 (nothing) to 1 (everything).</summary>
    private static double Strength(LabelAssociation association) =>
        double.IsNaN(association.Value) ? -1 : association.Measure == "auc" ? 2 * association.Value - 1 : Math.Abs(association.Value);

    private static LeakageSuspect? Suspect(ColumnSummary summary, Column column, LabelAssociation? association, LabelTruth truth)
    {
        if (association is { Rows: >= GroupHypotheses.MinimumGroupSize } && Math.Abs(association.Value) >= SuspiciousStrength)
        {
            return new LeakageSuspect(summary.Name, LeakageReason.PredictsLabel, Math.Abs(association.Value), string.Create(Prose.Culture,
                $"{summary.Name} alone nearly determines the label ({association.Measure} {association.Value:F3}): " +
                    $"is it known when the prediction is made?"));
        }

        if (truth.Task == TaskKind.BinaryClassification
            && column.Length >= GroupHypotheses.MinimumGroupSize
            && column.NullCount > 0
            && LabelAssociations.MissingAuc(column, truth) is >= SuspiciousStrength and var strength)
        {
            return new LeakageSuspect(summary.Name, LeakageReason.MissingPredictsLabel, strength, string.Create(Prose.Culture,
                $"Whether {summary.Name} has a value nearly determines the label (auc {strength:F3}): " +
                    $"is it filled only after the outcome?"));
        }

        if (truth.Task == TaskKind.BinaryClassification
            && column.NullCount >= GroupHypotheses.MinimumGroupSize
            && LabelAssociations.MissingInOneClass(column, truth) is { } p and <= 1e-6)
        {
            return new LeakageSuspect(summary.Name, LeakageReason.MissingInOneClass, double.NaN, string.Create(Prose.Culture,
                $"{summary.Name} is missing in rows of one class only " +
                $"({Prose.Count(column.NullCount, "row")}, p {p:0.#e0}): is it written, " +
                    $"or deleted, after the outcome?")) { Rows = column.NullCount };
        }

        return DatasetProfile.IsIdentifier(summary)
            ? new LeakageSuspect(
                summary.Name,
                LeakageReason.Identifier,
                double.NaN,
                $"{summary.Name} has a different value in nearly every row: a model could only memorise it.")
            : null;
    }
}
