using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Training;

/// <summary>Brings the training rows into the forms that trainers read, and divides them into folds.</summary>
/// <param name="plan">What stage 7 is asked to do.</param>
/// <param name="problem">What is to be solved.</param>
/// <param name="rows">The training rows after the row-wise steps.</param>
/// <param name="table">
/// The columns of <paramref name="rows"/> that row trainers may read; <see langword="null"/> for no such trainer.
/// </param>
/// <param name="labels">The labels of the rows.</param>
/// <param name="keys">The keys of the rows: those of one key are never on two sides.</param>
/// <param name="rule">How rows are divided.</param>
/// <param name="seed">The same seed gives the same folds.</param>
internal sealed class FoldAssembly(
    TrainingPlan plan, ProblemDefinition problem, Dataset rows, Dataset? table, double[] labels, RowKey[] keys, FoldRule rule, int seed)
{
    private readonly double[] _weights = plan.Weight is { } weight ? RowWeights.Of(rows, weight) : [];

    /// <summary>All rows, for the last fit.</summary>
    /// <param name="features">Their features; <see langword="null"/> when no trainer reads features.</param>
    public LearningRows All(FeatureMatrix? features) => Learning([.. Enumerable.Range(0, labels.Length)], features, isLearned: true);

    /// <summary>The folds; what a fold validates on, its transforms have not seen.</summary>
    /// <param name="fit">Fits transforms on the rows of a fold; <see langword="null"/> when no trainer reads features.</param>
    /// <param name="report">Receives the fraction done.</param>
    public async Task<IReadOnlyList<Fold>> FoldsAsync(Func<Dataset, Task<FeatureGraph>>? fit, Action<double> report)
    {
        var split = rule.Kind switch
        {
            FoldKind.Grouped => GroupFolds.Split(keys, plan.Folds, seed),
            FoldKind.Temporal => TemporalFolds.Split(Times(), plan.Folds, rule.Gap),
            _ => FoldRows.Of(Assign(keys, labels, plan.Folds, seed), plan.Folds),
        };
        var folds = new List<Fold>(plan.Folds);
        foreach (var (train, validation) in split)
        {
            RequireClasses(train, folds.Count + 1);
            report((folds.Count + 1.0) / plan.Folds);
            FeatureMatrix? trainFeatures = null, validationFeatures = null;
            if (fit is not null)
            {
                var trainRows = rows.Take(train);
                using var graph = await fit(trainRows).ConfigureAwait(false);
                trainFeatures = graph.Transform(trainRows);
                validationFeatures = graph.Transform(rows.Take(validation));
            }

            folds.Add(new Fold(
                Learning(train, trainFeatures, isLearned: true), Learning(validation, validationFeatures, isLearned: false), validation));
        }

        return folds;
    }

    private void RequireClasses(int[] train, int fold)
    {
        if (problem.Task == TaskKind.Regression || Array.Exists(train, row => labels[row] != labels[train[0]])) return;
        var (unit, remedy) = rule.Kind switch
        {
            FoldKind.Grouped => ("groups", "Collect rows of every class in more groups"),
            FoldKind.Temporal => ("time", "Collect rows of every class over a longer time"),
            _ => ("key", "Name a key that identifies the rows, Split(test, \"key\"), or collect more rows of the rare class"),
        };
        throw new MlOpsException(
            $"Fold {fold} of {plan.Folds} would learn from rows of one class only: folds are divided by {unit}, and the rows of the " +
                "other classes are all in the part that is left out.",
            $"{remedy}, or lower CrossValidate(folds).") { Column = problem.Label };
    }

    private LearningRows Learning(int[] positions, FeatureMatrix? features, bool isLearned) => new(
        features,
        table is null ? null : new Lazy<Dataset>(() => positions.Length == table.RowCount ? table : table.Take(positions)),
        Array.ConvertAll(positions, row => labels[row]),
        _weights.Length == 0 ? default : Array.ConvertAll(positions, row => _weights[row]).AsMemory(),
        isLearned && plan.HeldFraction > 0 ? Held(positions) : [])
    {
        Groups = isLearned ? GroupsOf(positions) : default,
    };

    // Rows of one key are of one group; where no key occurs twice, there are no groups.
    private ReadOnlyMemory<int> GroupsOf(int[] positions)
    {
        var numbers = new Dictionary<RowKey, int>(positions.Length);
        var groups = new int[positions.Length];
        for (var i = 0; i < groups.Length; i++)
        {
            if (!numbers.TryGetValue(keys[positions[i]], out groups[i])) numbers.Add(keys[positions[i]], groups[i] = numbers.Count);
        }

        return numbers.Count == groups.Length ? default : groups;
    }

    // Which of some rows show a trainer when to stop: divided like the folds, with another draw.
    private int[] Held(int[] positions)
    {
        var parts = Math.Max(2, (int)Math.Round(1 / plan.HeldFraction));
        var ofKeys = Array.ConvertAll(positions, row => keys[row]);
        if (rule.Kind == FoldKind.Grouped) return GroupFolds.Split(ofKeys, parts, seed + 1)[0].Validation;
        if (rule.Kind == FoldKind.Temporal)
        {
            var times = Times();
            long[] sorted = [.. positions.Select(row => times[row]).Order()];
            var begin = sorted[^Math.Max(1, positions.Length / parts)];
            if (begin > sorted[0]) return [.. Enumerable.Range(0, positions.Length).Where(i => times[positions[i]] >= begin)];
            throw new MlOpsException(
                "The training rows have too few different times to hold back the latest ones for StopEarly(…).",
                "Collect rows over a longer time, or remove StopEarly(…).");
        }

        var assigned = Assign(ofKeys, Array.ConvertAll(positions, row => labels[row]), parts, seed + 1);
        return [.. Enumerable.Range(0, positions.Length).Where(i => assigned[i] == 0)];
    }

    private long[] Times()
    {
        if (rule.Column is { } column
            && rows.Schema.TryGetIndex(column, out var index)
            && rows.Columns[index] is TimestampColumn { NullCount: 0 } times)
        {
            return times.Values.ToArray();
        }
        throw new MlOpsException(
            "The splitter requires folds by a column that does not exist, is not a Timestamp, or lacks values.",
            "Use a Timestamp column of the rows after the last step in FoldRule.") { Column = rule.Column };
    }

    // Rows of one key stay in one fold, as they stay on one side of the holdout.
    private int[] Assign(RowKey[] ofKeys, double[] ofLabels, int folds, int draw)
    {
        var groups = new Dictionary<RowKey, int>(ofKeys.Length);
        var truths = new List<double>(ofKeys.Length);
        var groupOf = new int[ofKeys.Length];
        for (var row = 0; row < ofKeys.Length; row++)
        {
            if (!groups.TryGetValue(ofKeys[row], out groupOf[row]))
            {
                groups.Add(ofKeys[row], groupOf[row] = groups.Count);
                truths.Add(ofLabels[row]);
            }
        }

        if (groups.Count < folds && groups.Count < ofKeys.Length)
        {
            throw new MlOpsException(
                $"{ofKeys.Length} training rows have {groups.Count} different key{(groups.Count == 1 ? "" : "s")}, and rows of one key " +
                    $"are in one fold: they cannot be divided into {folds} folds.",
                "Name a key that identifies the rows, Split(test, \"key\"), lower CrossValidate(folds), or collect rows that differ.");
        }

        var assigned = StratifiedFolds.Assign(truths.ToArray(), folds, draw, problem.Task != TaskKind.Regression);
        return Array.ConvertAll(groupOf, group => assigned[group]);
    }
}
