using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>Compares columns with columns and rows with rows, on a sample: the work grows with the square of the columns.</summary>
internal static class SampleAnalyzer
{
    private const int RowLimit = 10_000;
    private const int ColumnLimit = 60;
    private const int LevelLimit = 100;
    private const int PatternLimit = 20;
    private const int TextBins = 50;
    private const double AlikeFrom = 0.99;

    /// <param name="rows">All training rows.</param>
    /// <param name="profile">Their profile.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="associations">The columns' associations with the label, the strongest first.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public static SampleAnalysis Run(
        Dataset rows,
        DatasetProfile profile,
        ProblemDefinition problem,
        IReadOnlyList<LabelAssociation> associations,
        CancellationToken cancellationToken)
    {
        var sample = Sample(rows);
        var rank = associations.Index().ToDictionary(each => each.Item.Column, each => each.Index, StringComparer.Ordinal);
        var features = profile.Columns
            .Where(column => column.Name != problem.Label && column.Type != ColumnType.Vector)
            .OrderBy(column => rank.GetValueOrDefault(column.Name, int.MaxValue))
            .ToArray();
        var numbers = features
            .Where(column => column.Type is ColumnType.Number or ColumnType.Integer)
            .Select(column => new SampledNumbers(column.Name, sample[column.Name]))
            .Where(column => column.Values.Any(double.IsFinite))
            .ToArray();
        var levels = features
            .Where(column => column.Type is ColumnType.Text or ColumnType.Boolean)
            .Select(column => (column.Name, LevelCodes.Of(sample[column.Name])))
            .Where(column => column.Item2.Levels.Count is > 1 and <= LevelLimit)
            .ToArray();
        cancellationToken.ThrowIfCancellationRequested();
        var (pearson, spearman) = Correlate(numbers[..Math.Min(ColumnLimit, numbers.Length)], cancellationToken);
        var association = Associate(levels[..Math.Min(ColumnLimit, levels.Length)], cancellationToken);
        var prints = RowPrints.Of(sample, cancellationToken);
        var alike = Alike(profile, prints, problem.Label, spearman, association);
        return new SampleAnalysis(
            sample.RowCount,
            pearson,
            spearman,
            association,
            Math.Max(0, numbers.Length - ColumnLimit) + Math.Max(0, levels.Length - ColumnLimit),
            Inform(features, sample, problem),
            MissingTogether(sample),
            problem.Task == TaskKind.Regression ? [] : Classes(rows[problem.Label]),
            alike,
            prints.AlikeRows(
                [.. profile.Columns
                    .Where(column => column.Name != problem.Label && (IsFreeText(column) || !DatasetProfile.IsIdentifier(column)))
                    .Select(column => column.Name)],
                problem.Label),
            [.. numbers
                .Select(OutliersOf)
                .OfType<ColumnOutliers>()
                .OrderByDescending(column => column.Share)
                .ThenBy(column => column.Column, StringComparer.Ordinal)],
            FarRows(numbers[..Math.Min(ColumnLimit, numbers.Length)], spearman, sample.RowCount));
    }

    // A fixed seed: the same rows give the same report.
    private static Dataset Sample(Dataset rows)
    {
        if (rows.RowCount <= RowLimit) return rows;
        var chosen = new Reservoir(RowLimit);
        for (var row = 0; row < rows.RowCount; row++) chosen.Add(row);
        return rows.Take(Array.ConvertAll(chosen.Rows(), row => (int)row));
    }

    private static (PairMatrix Pearson, PairMatrix Spearman) Correlate(SampledNumbers[] columns, CancellationToken cancellationToken)
    {
        List<double> pearson = [], spearman = [];
        for (var i = 1; i < columns.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var j = 0; j < i; j++)
            {
                var (linear, ranked) = columns[i].Correlate(columns[j]);
                pearson.Add(linear);
                spearman.Add(ranked);
            }
        }

        string[] names = [.. columns.Select(column => column.Name)];
        return (new PairMatrix(names, pearson), new PairMatrix(names, spearman));
    }

    private static PairMatrix Associate((string Name, (int[] Codes, List<string> Levels))[] columns, CancellationToken cancellationToken)
    {
        List<double> values = [];
        for (var i = 1; i < columns.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var j = 0; j < i; j++)
            {
                var (first, second) = (columns[i].Item2, columns[j].Item2);
                var table = LevelCodes.Cross(first.Codes, first.Levels.Count, second.Codes, second.Levels.Count);
                values.Add(table.Cast<long>().Any(count => count > 0) ? Correlations.CramersVCorrected(table) : double.NaN);
            }
        }

        return new PairMatrix([.. columns.Select(column => column.Name)], values);
    }

    private static List<AlikeColumns> Alike(
        DatasetProfile profile, RowPrints prints, string label, PairMatrix spearman, PairMatrix cramersV)
    {
        // Constant columns are equal to each other, and reported as constant.
        var alike = prints.EqualColumns(
            [.. profile.Columns.Where(column => column.Name != label && column.Distinct > 1).Select(column => column.Name)]);

        // Columns that are equal to the same one are equal to each other, which need not be said again.
        var same = alike.ToDictionary(pair => pair.Second, pair => pair.First, StringComparer.Ordinal);
        foreach (var (matrix, measure) in new[] { (spearman, "spearman"), (cramersV, "cramers_v") })
        {
            for (var i = 1; i < matrix.Columns.Count; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var (first, second) = (matrix.Columns[j], matrix.Columns[i]);
                    if (Math.Abs(matrix[i, j]) >= AlikeFrom
                        && same.GetValueOrDefault(first, first) != same.GetValueOrDefault(second, second))
                    {
                        alike.Add(new AlikeColumns(matrix.Columns[j], matrix.Columns[i], measure, matrix[i, j]));
                    }
                }
            }
        }

        return alike;
    }

    private static LabelInformation[] Inform(ColumnSummary[] features, Dataset sample, ProblemDefinition problem)
    {
        var label = sample[problem.Label];
        var truth = problem.Task == TaskKind.Regression ? Deciles(label) : LevelCodes.Of(label).Codes;
        int[] labelled = [.. Enumerable.Range(0, truth.Length).Where(
            row => !label.IsNull(row) && (problem.Task != TaskKind.Regression || double.IsFinite(label.GetNumber(row))))];
        if (labelled.Length == 0) return [];
        var y = Array.ConvertAll(labelled, row => truth[row]);
        return [.. features.Select(feature =>
        {
            var bins = feature.Type == ColumnType.Text ? FrequentLevels(sample[feature.Name]) : Deciles(sample[feature.Name]);
            var x = Array.ConvertAll(labelled, row => bins[row]);
            var count = x.Distinct().Count();
            return new LabelInformation(
                feature.Name, Correlations.MutualInformation(x, y), (count - 1) * (y.Distinct().Count() - 1) / (2.0 * x.Length), count);
        }).OrderByDescending(each => each.Nats).ThenBy(each => each.Column, StringComparer.Ordinal)];
    }

    /// <summary>The bin of each row between the deciles of the column; −1 where there is no value.</summary>
    private static int[] Deciles(Column column)
    {
        double[] values = [.. Enumerable.Range(0, column.Length).Select(column.GetNumber)];
        double[] known = [.. values.Where(value => !double.IsNaN(value))];
        if (known.Length == 0) return [.. values.Select(_ => -1)];
        var edges = BinEdges.Deciles(known);
        return Array.ConvertAll(values, value => double.IsNaN(value) ? -1 : BinEdges.Find(value, edges));
    }

    private static int[] FrequentLevels(Column column)
    {
        var (codes, levels) = LevelCodes.Of(column);
        var counts = new int[levels.Count];
        foreach (var code in codes)
        {
            if (code >= 0) counts[code]++;
        }

        var kept = Enumerable.Range(0, counts.Length)
            .OrderByDescending(code => counts[code])
            .ThenBy(code => levels[code], StringComparer.Ordinal)
            .Take(TextBins)
            .ToHashSet();
        return Array.ConvertAll(codes, code => code < 0 || kept.Contains(code) ? code : counts.Length);
    }

    private static MissingPattern[] MissingTogether(Dataset sample)
    {
        var columns = sample.Schema
            .Select((field, i) => (field.Name, Column: sample.Columns[i]))
            .Where(each => each.Column.NullCount > 0 || each.Column is NumberColumn numbers && Samples.HasNaN(numbers.Values))
            .ToArray();
        if (columns.Length == 0) return [];
        var patterns = new Dictionary<string, (int Row, long Rows)>(StringComparer.Ordinal);
        var key = new char[(columns.Length + 15) / 16];
        for (var row = 0; row < sample.RowCount; row++)
        {
            Array.Clear(key);
            for (var i = 0; i < columns.Length; i++)
            {
                if (IsMissing(columns[i].Column, row)) key[i >> 4] |= (char)(1 << (i & 15));
            }

            var text = new string(key);
            patterns[text] = patterns.TryGetValue(text, out var known) ? (known.Row, known.Rows + 1) : (row, 1);
        }

        return [.. patterns.Values.OrderByDescending(pattern => pattern.Rows).ThenBy(pattern => pattern.Row).Take(PatternLimit)
            .Select(pattern => new MissingPattern(
                [.. columns.Where(each => IsMissing(each.Column, pattern.Row)).Select(each => each.Name)],
                pattern.Rows))];
    }

    private static bool IsMissing(Column column, int row) =>
        column.IsNull(row) || column is NumberColumn && double.IsNaN(column.GetNumber(row));

    private static ClassShare[] Classes(Column label)
    {
        var (codes, levels) = LevelCodes.Of(label);
        var counts = new long[levels.Count];
        foreach (var code in codes)
        {
            if (code >= 0) counts[code]++;
        }

        var total = counts.Sum();
        return [.. levels
            .Select((level, i) => new ClassShare(level, counts[i], (double)counts[i] / total))
            .OrderByDescending(each => each.Rows)
            .ThenBy(each => each.Class, StringComparer.Ordinal)
            .Take(LevelLimit)];
    }

    // A text of several words is written rather than given, so it makes rows alike or not; a code that every row has of its own does not.
    private static bool IsFreeText(ColumnSummary column) => column.Type == ColumnType.Text && column.Mean > 20;

    private static ColumnOutliers? OutliersOf(SampledNumbers column)
    {
        double[] values = [.. column.Values.Where(double.IsFinite)];
        var (median, scale) = Outliers.MedianAndScale(values);
        if (!(scale > 0)) return null;
        var count = values.Count(value => Math.Abs(value - median) > Outliers.DefaultThreshold * scale);

        // Of so many, none is out of the way: the column has several heaps.
        return count == 0 || count > values.Length / 10
            ? null
            : new ColumnOutliers(
                column.Name, count, (double)count / values.Length, median, scale, values.MaxBy(value => Math.Abs(value - median)));
    }

    private static RowOutliers? FarRows(SampledNumbers[] columns, PairMatrix spearman, int rowCount)
    {
        const double quantile = 0.999;
        List<int> used = [];
        for (var i = 0; i < columns.Length; i++)
        {
            var missing = columns[i].Values.Count(value => !double.IsFinite(value));
            if (missing <= DatasetProfile.NoteworthyMissingShare * rowCount
                && columns[i].Scale > 0
                && used.All(j => Math.Abs(spearman[i, j]) < AlikeFrom))
            {
                used.Add(i);
            }
        }

        int[] rows = [.. Enumerable.Range(0, rowCount).Where(row => used.All(i => double.IsFinite(columns[i].Values[row])))];
        if (used.Count < 2 || rows.Length < 10 * used.Count) return null;
        double[] scaled = [.. rows.SelectMany(row => used.Select(i => (columns[i].Values[row] - columns[i].Median) / columns[i].Scale))];
        var distances = Outliers.Mahalanobis(
            scaled, used.Count, Array.ConvertAll(scaled, z => Math.Clamp(z, -Outliers.DefaultThreshold, Outliers.DefaultThreshold)));
        if (double.IsNaN(distances[0])) return null;
        var threshold = Distribution.ChiSquareQuantile(quantile, used.Count);
        return new RowOutliers(
            [.. used.Select(i => columns[i].Name)], rows.Length, distances.Count(distance => distance > threshold), threshold);
    }
}
