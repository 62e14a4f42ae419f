using System.Globalization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Conformance;

/// <summary>
/// Every statistic and metric against SciPy, scikit-learn and statsmodels. make_reference.py, make_exploration_reference.py,
/// make_weights_reference.py, make_intervals_reference.py and make_sequential_reference.py make the numbers.
/// </summary>
public sealed class ReferenceTests
{
    private const double Tolerance = 1e-9;

    private static readonly Dictionary<string, Func<ReferenceCase, double[]>> Ours = new()
    {
        ["ks"] = c => Test(TwoSample.KolmogorovSmirnov(c.Values(0), c.Values(1), Side(c, 2))),
        ["mannwhitney"] = c => Test(TwoSample.MannWhitney(c.Values(0), c.Values(1), Side(c, 2))),
        ["student"] = c => Test(TwoSample.StudentT(c.Values(0), c.Values(1), Side(c, 2))),
        ["welch"] = c => Test(TwoSample.WelchT(c.Values(0), c.Values(1), Side(c, 2))),
        ["cohen"] = c => [TwoSample.WelchT(c.Values(0), c.Values(1)).EffectSize],
        ["cvm"] = c => Test(TwoSample.CramerVonMises(c.Values(0), c.Values(1))),
        ["anderson"] = c => Test(TwoSample.AndersonDarling(c.Values(0), c.Values(1))),
        ["anderson_k"] = c => Test(TwoSample.AndersonDarling([.. Enumerable.Range(0, c.Arguments.Length).Select(c.Values)])),
        ["epps"] = c => Test(TwoSample.EppsSingleton(c.Values(0), c.Values(1))),
        ["student_p"] = c => [Distribution.StudentP(c.Number(0), c.Number(1), Side(c, 2))],
        ["kstwo"] = c => [KolmogorovDistribution.Tail(c.Int(0), c.Number(1))],
        ["chi2"] = c => WithEffect(Contingency.ChiSquare(c.Table(0), c.Int(1) == 1)),
        ["gtest"] = c => Test(Contingency.GTest(c.Table(0), c.Int(1) == 1)),
        ["fisher"] = c => Test(Contingency.FisherExact(c.Table(0)[0, 0], c.Table(0)[0, 1], c.Table(0)[1, 0], c.Table(0)[1, 1], Side(c, 1))),
        ["proportions"] = c => WithEffect(Contingency.TwoProportions(c.Int(0), c.Int(1), c.Int(2), c.Int(3), Side(c, 4))),
        ["newcombe"] = c => Bounds(Intervals.NewcombeDifference(c.Int(0), c.Int(1), c.Int(2), c.Int(3), c.Number(4))),
        ["wilson"] = c => Bounds(Intervals.Wilson(c.Int(0), c.Int(1), c.Number(2))),
        ["sequence_proportion"] = c => Bounds(ConfidenceSequences.OfProportion(c.Int(0), c.Int(1), c.Number(2))),
        ["sequence_quantile"] = c => Bounds(
            ConfidenceSequences.OfQuantile(Array.ConvertAll(c.Values(0), v => (long)v), c.Values(1), c.Number(2), c.Number(3))),
        ["sequence_bounded_mean"] = c => Bounds(
            ConfidenceSequences.OfBoundedMean(c.Number(0), c.Number(1), c.Int(2), c.Number(3), c.Number(4), c.Number(5))),
        ["sequence_mean"] = c => Bounds(
            ConfidenceSequences.OfMean(c.Number(0), c.Number(1), c.Int(2), c.Number(3), c.Int(4))),
        ["mcnemar"] = c => Test(McNemar.Test(c.Int(0), c.Int(1))),
        ["pearson"] = c => Test(Correlations.Pearson(c.Values(0), c.Values(1))),
        ["spearman"] = c => Test(Correlations.Spearman(c.Values(0), c.Values(1))),
        ["pointbiserial"] = c => Test(Correlations.PointBiserial(Array.ConvertAll(c.Values(0), v => v == 1), c.Values(1))),
        ["mutual_information"] = c =>
        [
            Correlations.MutualInformation(Array.ConvertAll(c.Values(0), v => (int)v), Array.ConvertAll(c.Values(1), v => (int)v))
        ],
        ["cramers_v_corrected"] = c => [Correlations.CramersVCorrected(c.Table(0))],
        ["robust_z"] = c => Outliers.RobustZ(c.Values(0)),
        ["mahalanobis"] = c => Outliers.Mahalanobis(c.Values(0), c.Int(1), c.Values(2)),
        ["chi2_quantile"] = c => [Distribution.ChiSquareQuantile(c.Number(0), c.Number(1))],
        ["partial_ranks"] = c => PartialRanks(c.Values(0), c.Values(1)),
        ["mann_kendall"] = c => WithEffect(Trends.MannKendall(c.Values(0), c.Values(1), Side(c, 2))),
        ["sen_slope"] = c => Trends.SenSlope(c.Values(0), c.Values(1), c.Number(2)) is var (slope, interval)
            ? [slope, interval.Lower, interval.Upper]
            : [],
        ["wasserstein"] = c => [Distances.Wasserstein(c.Values(0), c.Values(1))],
        ["normalized_wasserstein"] = c => [Distances.NormalizedWasserstein(c.Values(0), c.Values(1))],
        ["energy"] = c => [Distances.Energy(c.Values(0), c.Values(1))],
        ["psi"] = c => [Distances.Psi(c.Values(0), c.Values(1))],
        ["kl"] = c => [Distances.KullbackLeibler(c.Values(0), c.Values(1))],
        ["kl0"] = c => [Distances.KullbackLeibler(c.Values(0), c.Values(1), floor: 0)],
        ["js"] = c => [Distances.JensenShannon(c.Values(0), c.Values(1), c.Number(2))],
        ["hellinger"] = c => [Distances.Hellinger(c.Values(0), c.Values(1))],
        ["tv"] = c => [Distances.TotalVariation(c.Values(0), c.Values(1))],
        ["linf"] = c => [Distances.LInfinity(c.Values(0), c.Values(1))],
        ["deciles"] = c => BinEdges.Deciles(c.Values(0)),
        ["bins"] = c => Array.ConvertAll(BinEdges.Count(c.Values(0), BinEdges.Deciles(c.Values(1))), n => (double)n),
        ["adjust"] = c => MultipleTesting.Adjust(c.Values(0), (Correction)c.Int(1)),
        ["moments"] = c => MomentsOf(c.Values(0)),
        ["covariances"] = c => CovariancesOf([.. Enumerable.Range(0, c.Arguments.Length).Select(c.Values)]),
        ["covariances_complete"] = c => CovariancesOf([.. Enumerable.Range(1, c.Arguments.Length - 1)
            .Select(i => c.Values(i).Zip(c.Values(0), (value, kept) => kept == 1 || i == 2 ? value : double.NaN).ToArray())]),
        ["delong"] = c => DeLong.Auc(c.Values(0), c.Values(1)) is var e ? [e.Auc, e.Variance] : [],
        ["delong_compare"] = c => DeLong.Compare(c.Values(0), c.Values(1), c.Values(2)) is var d
            ? [d.Difference, d.StandardError, d.PValue]
            : [],
        ["roc_auc"] = c => [ClassificationMetrics.RocAuc(c.Values(0), c.Values(1))],
        ["pr_auc"] = c => [ClassificationMetrics.AveragePrecision(c.Values(0), c.Values(1))],
        ["log_loss"] = c => [ClassificationMetrics.LogLoss(c.Values(0), c.Values(1))],
        ["brier"] = c => [ClassificationMetrics.Brier(c.Values(0), c.Values(1))],
        ["brier_t"] = c => [ClassificationMetrics.Brier(c.Values(0), c.Values(1))],
        ["ece"] = c => [ClassificationMetrics.CalibrationError(c.Values(0), c.Values(1))],
        ["accuracy"] = c => [ClassificationMetrics.Accuracy(c.Values(0), c.Values(1))],
        ["balanced_accuracy"] = c => [ClassificationMetrics.BalancedAccuracy(c.Values(0), c.Values(1), c.Int(2))],
        ["precision"] = c => [ClassificationMetrics.Precision(c.Values(0), c.Values(1))],
        ["recall"] = c => [ClassificationMetrics.Recall(c.Values(0), c.Values(1))],
        ["f1"] = c => [ClassificationMetrics.F1(c.Values(0), c.Values(1))],
        ["mcc"] = c => [ClassificationMetrics.Mcc(c.Values(0), c.Values(1), c.Int(2))],
        ["multi_roc_auc"] = c => [ClassificationMetrics.RocAuc(c.Values(0), c.Values(1), c.Int(2))],
        ["multi_pr_auc"] = c => [ClassificationMetrics.AveragePrecision(c.Values(0), c.Values(1), c.Int(2))],
        ["multi_log_loss"] = c => [ClassificationMetrics.LogLoss(c.Values(0), c.Values(1), c.Int(2))],
        ["multi_brier"] = c => [ClassificationMetrics.Brier(c.Values(0), c.Values(1), c.Int(2))],
        ["macro_precision"] = c => [ClassificationMetrics.MacroPrecision(c.Values(0), c.Values(1), c.Int(2))],
        ["macro_recall"] = c => [ClassificationMetrics.MacroRecall(c.Values(0), c.Values(1), c.Int(2))],
        ["macro_f1"] = c => [ClassificationMetrics.MacroF1(c.Values(0), c.Values(1), c.Int(2))],
        ["rmse"] = c => [RegressionMetrics.Rmse(c.Values(0), c.Values(1))],
        ["mae"] = c => [RegressionMetrics.Mae(c.Values(0), c.Values(1))],
        ["r2"] = c => [RegressionMetrics.R2(c.Values(0), c.Values(1))],
        ["medae"] = c => [RegressionMetrics.MedianAbsoluteError(c.Values(0), c.Values(1))],
        ["mape"] = c => [RegressionMetrics.Mape(c.Values(0), c.Values(1))],
        ["weighted_roc_auc"] = c => [ClassificationMetrics.RocAuc(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_pr_auc"] = c => [ClassificationMetrics.AveragePrecision(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_log_loss"] = c => [ClassificationMetrics.LogLoss(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_brier"] = c => [ClassificationMetrics.Brier(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_ece"] = c => [ClassificationMetrics.CalibrationError(c.Values(0), c.Values(1), weights: c.Values(2))],
        ["weighted_accuracy"] = c => [ClassificationMetrics.Accuracy(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_balanced_accuracy"] = c => [ClassificationMetrics.BalancedAccuracy(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_precision"] = c => [ClassificationMetrics.Precision(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_recall"] = c => [ClassificationMetrics.Recall(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_f1"] = c => [ClassificationMetrics.F1(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_mcc"] = c => [ClassificationMetrics.Mcc(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_multi_roc_auc"] = c => [ClassificationMetrics.RocAuc(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_multi_pr_auc"] = c => [ClassificationMetrics.AveragePrecision(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_multi_log_loss"] = c => [ClassificationMetrics.LogLoss(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_multi_brier"] = c => [ClassificationMetrics.Brier(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_macro_precision"] = c => [ClassificationMetrics.MacroPrecision(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_macro_recall"] = c => [ClassificationMetrics.MacroRecall(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_macro_f1"] = c => [ClassificationMetrics.MacroF1(c.Values(0), c.Values(1), c.Int(2), c.Values(3))],
        ["weighted_rmse"] = c => [RegressionMetrics.Rmse(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_mae"] = c => [RegressionMetrics.Mae(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_r2"] = c => [RegressionMetrics.R2(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_medae"] = c => [RegressionMetrics.MedianAbsoluteError(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_mape"] = c => [RegressionMetrics.Mape(c.Values(0), c.Values(1), c.Values(2))],
        ["weighted_selection_rates"] = c =>
            [.. FairnessMetrics.ByGroup(c.Values(0), c.Values(0), Texts(c.Values(1)), c.Values(2)).Select(rates => rates.SelectionRate)],
        ["weighted_demographic_parity"] = c =>
        [
            FairnessMetrics.DemographicParityDifference(c.Values(0), Texts(c.Values(1)), weights: c.Values(2)).Value,
            FairnessMetrics.DemographicParityRatio(c.Values(0), Texts(c.Values(1)), weights: c.Values(2)).Value,
        ],
        ["weighted_equal_opportunity"] = c =>
            [FairnessMetrics.EqualOpportunityDifference(c.Values(0), c.Values(1), Texts(c.Values(2)), weights: c.Values(3)).Value],
        ["weighted_equalized_odds"] = c =>
            [FairnessMetrics.EqualizedOddsDifference(c.Values(0), c.Values(1), Texts(c.Values(2)), weights: c.Values(3)).Value],
        ["student_quantile"] = c => [Distribution.StudentQuantile(c.Number(0), c.Number(1))],
        ["pr_auc_interval"] = c => Bounds(Metric.PrAuc, c),
        ["mcc_interval"] = c => Bounds(Metric.Mcc, c),
        ["f1_interval"] = c => Bounds(Metric.F1, c),
        ["balanced_accuracy_interval"] = c => Bounds(Metric.BalancedAccuracy, c),
        ["pr_auc_difference"] = c => Difference(Metric.PrAuc, c),
        ["mcc_difference"] = c => Difference(Metric.Mcc, c),
        ["f1_difference"] = c => Difference(Metric.F1, c),
        ["balanced_accuracy_difference"] = c => Difference(Metric.BalancedAccuracy, c),
        ["accuracy_difference"] = c => Difference(Metric.Accuracy, c)[..3],
        ["log_loss_difference"] = c => Difference(Metric.LogLoss, c),
        ["brier_difference"] = c => Difference(Metric.Brier, c),
        ["mae_difference"] = c => Difference(Metric.Mae, c, TaskKind.Regression),
        ["rmse_difference"] = c => Difference(Metric.Rmse, c, TaskKind.Regression),
        ["r2_difference"] = c => Difference(Metric.R2, c, TaskKind.Regression),
    };

    public static IEnumerable<string> Functions => ReferenceData.Functions;

    [TestCaseSource(nameof(Functions))]
    public void Function_ReferenceInputs_EqualsReference(string function)
    {
        var wrong = new List<string>();
        foreach (var reference in ReferenceData.Of(function))
        {
            var ours = Ours[function](reference);
            if (ours.Length != reference.Expected.Length || ours.Zip(reference.Expected).Any(pair => !Close(pair.First, pair.Second)))
            {
                wrong.Add(
                    $"{reference}: {string.Join(", ", ours.Select(v => v.ToString("R")))} instead of " +
                    $"{string.Join(", ", reference.Expected.Select(v => v.ToString("R")))}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Functions_AllOfOurs_HaveReferenceCases() => Assert.That(Ours.Keys, Is.EquivalentTo(ReferenceData.Functions));

    [Test]
    public void CramerVonMises_FarOut_HasTheDigitsOfTheTail()
    {
        ReferenceCase[] far = [.. ReferenceData.Of("cvm").Where(c => c.Expected[1] is > 0 and < 1e-9)];
        Assert.That(far, Has.Length.EqualTo(4));
        foreach (var c in far)
        {
            Assert.That(
                TwoSample.CramerVonMises(c.Values(0), c.Values(1)).PValue,
                Is.EqualTo(c.Expected[1]).Within(c.Expected[1] * 1e-9),
                c.ToString());
        }
    }

    // Relative, so that small p-values are held to their digits too; what lies below 1e-14 is rounding in either implementation.
    private static bool Close(double ours, double expected) =>
        ours.Equals(expected) || Math.Abs(ours - expected) <= Tolerance * Math.Abs(expected) + 1e-14;

    private static double[] Test(TestResult result) => [result.Statistic, result.PValue];

    private static double[] WithEffect(TestResult result) => [result.Statistic, result.PValue, result.EffectSize];

    private static string[] Texts(double[] groups) => Array.ConvertAll(groups, group => group.ToString(CultureInfo.InvariantCulture));

    private static double[] Bounds(ConfidenceInterval interval) => [interval.Lower, interval.Upper];

    private static Alternative Side(ReferenceCase reference, int argument) => (Alternative)reference.Int(argument);

    private static double[] PartialRanks(double[] values, double[] kept)
    {
        var count = 0;
        var places = Array.ConvertAll(kept, keep => keep == 1 ? count++ : -1);
        return Ranks.Of(values, Ranks.Order(values, out _), places, count);
    }

    private static double[] MomentsOf(double[] values)
    {
        var moments = new Moments();
        foreach (var value in values) moments.Add(value);
        return [moments.Mean, moments.Variance, moments.Skewness, moments.ExcessKurtosis, moments.Minimum, moments.Maximum];
    }

    private static double[] CovariancesOf(double[][] columns)
    {
        var sketch = new Covariances(columns.Length);
        for (var row = 0; row < columns[0].Length; row++) sketch.Add(Array.ConvertAll(columns, column => column[row]));
        (int First, int Second)[] pairs =
        [
            .. Enumerable.Range(0, columns.Length).SelectMany(i => Enumerable.Range(0, i + 1).Select(j => (i, j)))
        ];
        return [
            .. Enumerable.Range(0, columns.Length).Select(sketch.Mean),
            .. pairs.Select(pair => sketch.Covariance(pair.First, pair.Second)),
            .. pairs.Select(pair => sketch.Correlation(pair.First, pair.Second))
        ];
    }

    private static double[] Bounds(IMetric metric, ReferenceCase c)
    {
        var value = MetricIntervals.Compute(metric, Evaluated(c, 1, TaskKind.BinaryClassification));
        return [value.Lower, value.Upper];
    }

    private static double[] Difference(IMetric metric, ReferenceCase c, TaskKind task = TaskKind.BinaryClassification)
    {
        var difference = MetricComparison.Compare(metric, Evaluated(c, 1, task), Evaluated(c, 2, task));
        return [difference.Improvement, difference.Lower, difference.Upper, difference.PValue];
    }

    private static Evaluation Evaluated(ReferenceCase c, int scores, TaskKind task) => new()
    {
        Task = task, ClassCount = task == TaskKind.Regression ? 1 : 2, Labels = c.Values(0), Scores = c.Values(scores),
    };
}
