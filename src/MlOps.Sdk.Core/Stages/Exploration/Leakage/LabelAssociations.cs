using MathNet.Numerics;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>How much each column alone tells about the label.</summary>
internal static class LabelAssociations
{
    /// <summary>Columns with more levels are not crossed with the label: the table would be larger than what it says.</summary>
    private const int LevelLimit = 1000;

    /// <summary>The association of a column; <see langword="null"/> when the column has no form that could be compared.</summary>
    public static LabelAssociation? Of(string name, Column column, LabelTruth truth)
    {
        if (column.Type == ColumnType.Vector) return null;
        if (column.Type is ColumnType.Text or ColumnType.Boolean)
        {
            var (codes, levels) = LevelCodes.Of(column);
            if (levels.Count > LevelLimit) return null;
            return truth.Task switch
            {
                TaskKind.Regression => Ratio(name, codes, levels.Count, truth.Values),
                TaskKind.BinaryClassification => Auc(name, CrossFittedRates(codes, levels.Count, truth.Values), truth.Values) is { } auc
                    ? auc with { PValue = ChiSquare(codes, levels.Count, truth).PValue }
                    : null,
                _ => ChiSquare(codes, levels.Count, truth) is var test
                    ? new LabelAssociation(name, "cramers_v", test.EffectSize, test.PValue, double.NaN, test.N1 + test.N2)
                    : null,
            };
        }

        double[] values = [.. Enumerable.Range(0, column.Length).Select(column.GetNumber)];
        switch (truth.Task)
        {
            case TaskKind.BinaryClassification:
                return Auc(name, values, truth.Values);
            case TaskKind.MulticlassClassification:
                return Ratio(
                    name, Array.ConvertAll(truth.Values, label => double.IsNaN(label) ? -1 : (int)label), truth.ClassCount, values);
            default:
                var (x, y) = Complete(values, truth.Values);
                if (x.Length < 3) return null;
                var correlation = Correlations.Spearman(x, y);
                return new LabelAssociation(name, "spearman", correlation.Statistic, correlation.PValue, double.NaN, x.Length);
        }
    }

    /// <summary>The area under the ROC curve of whether the column has a value; NaN when it always or never has.</summary>
    public static double MissingAuc(Column column, LabelTruth truth)
    {
        var (x, y) = Complete([.. Enumerable.Range(0, column.Length).Select(row => column.IsNull(row) ? 1.0 : 0.0)], truth.Values);
        var auc = x.Length == 0 ? double.NaN : ClassificationMetrics.RocAuc(y, x);
        return Math.Max(auc, 1 - auc);
    }

    /// <summary>
    /// The p-value of Fisher's exact test when the column has no value in rows of one class only; <see langword="null"/> when it has none
    /// in rows of both or of neither.
    /// </summary>
    public static double? MissingInOneClass(Column column, LabelTruth truth)
    {
        var counts = new long[2, 2];
        for (var row = 0; row < column.Length; row++)
        {
            if (!double.IsNaN(truth.Values[row])) counts[column.IsNull(row) ? 1 : 0, (int)truth.Values[row]]++;
        }

        return counts[1, 0] == 0 != (counts[1, 1] == 0)
            ? Contingency.FisherExact(counts[0, 0], counts[0, 1], counts[1, 0], counts[1, 1]).PValue
            : null;
    }

    private static LabelAssociation? Auc(string name, double[] scores, double[] labels)
    {
        var (x, y) = Complete(scores, labels);
        double[] positives = [.. x.Where((_, i) => y[i] == 1)], negatives = [.. x.Where((_, i) => y[i] == 0)];
        if (positives.Length == 0 || negatives.Length == 0) return null;
        var test = TwoSample.MannWhitney(positives, negatives);
        var auc = test.Statistic / ((double)positives.Length * negatives.Length);
        return new LabelAssociation(name, "auc", Math.Max(auc, 1 - auc), test.PValue, double.NaN, x.Length);
    }

    /// <summary>
    /// The share of positives of each level, taken from the other half of the rows: a column in which every row has its own
    /// level would otherwise seem to know the label.
    /// </summary>
    private static double[] CrossFittedRates(int[] codes, int levels, double[] labels)
    {
        var counts = new double[2, levels + 1];
        var positives = new double[2, levels + 1];
        for (var row = 0; row < codes.Length; row++)
        {
            if (double.IsNaN(labels[row]) || codes[row] < 0) continue;
            foreach (var level in (ReadOnlySpan<int>)[codes[row], levels])
            {
                counts[Half(row), level]++;
                positives[Half(row), level] += labels[row];
            }
        }

        var scores = new double[codes.Length];
        for (var row = 0; row < scores.Length; row++)
        {
            var other = 1 - Half(row);
            var level = codes[row] < 0 ? levels : codes[row];
            if (counts[other, level] == 0) level = levels;
            scores[row] = codes[row] < 0 ? double.NaN : positives[other, level] / counts[other, level];
        }

        return scores;
    }

    // Not every other row: where the labels alternate, each half would have one class, and every column would seem to know it.
    private static int Half(int row) => (int)(SeededRandom.Mix((ulong)row + 1) & 1);

    private static TestResult ChiSquare(int[] codes, int levels, LabelTruth truth)
    {
        var table = new long[levels, truth.ClassCount];
        for (var row = 0; row < codes.Length; row++)
        {
            if (codes[row] >= 0 && !double.IsNaN(truth.Values[row])) table[codes[row], (int)truth.Values[row]]++;
        }

        return table.Cast<long>().Any(count => count > 0)
            ? Contingency.ChiSquare(table)
            : new TestResult("chi-square", double.NaN, double.NaN, double.NaN, "Cramér's V", 0, 0, "There are no rows.");
    }

    /// <summary>The correlation ratio η = √(variance between groups / variance), with the p-value of the analysis of variance.</summary>
    private static LabelAssociation? Ratio(string name, int[] groups, int groupCount, double[] values)
    {
        var ofGroup = new Moments[groupCount];
        var all = new Moments();
        for (var g = 0; g < groupCount; g++) ofGroup[g] = new Moments();
        for (var row = 0; row < groups.Length; row++)
        {
            if (groups[row] < 0 || !double.IsFinite(values[row])) continue;
            ofGroup[groups[row]].Add(values[row]);
        }

        foreach (var moments in ofGroup) all.Merge(moments);
        var present = ofGroup.Count(moments => moments.Count > 0);
        if (present < 2 || !(all.Variance > 0)) return null;
        var between = ofGroup.Where(moments => moments.Count > 0).Sum(moments => moments.Count * Math.Pow(moments.Mean - all.Mean, 2));
        var share = Math.Min(1, between / (all.PopulationVariance * all.Count));
        double first = present - 1, second = all.Count - present;
        var p = second > 0 ? SpecialFunctions.BetaRegularized(second / 2, first / 2, 1 - share) : double.NaN;
        return new LabelAssociation(name, "correlation_ratio", Math.Sqrt(share), p, double.NaN, all.Count);
    }

    private static (double[] X, double[] Y) Complete(double[] values, double[] labels)
    {
        var rows = Enumerable.Range(0, values.Length).Where(row => !double.IsNaN(values[row]) && !double.IsNaN(labels[row])).ToArray();
        return (Array.ConvertAll(rows, row => values[row]), Array.ConvertAll(rows, row => labels[row]));
    }
}
