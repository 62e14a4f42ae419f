using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Looks at the labels of a run: whether they fit the problem, and how many of each class there are on each side. Not thread-safe.
/// </summary>
internal sealed class LabelTally
{
    private const int MostClasses = 1_000;
    private readonly ProblemDefinition _problem;
    private readonly int _column;
    private readonly Dictionary<string, long> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _train = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _holdout = new(StringComparer.Ordinal);
    private long _rows;

    public LabelTally(ProblemDefinition problem, Schema schema)
    {
        _problem = problem;
        _column = schema.TryGetIndex(problem.Label, out var column)
            ? column
            : throw NearestName.MissingColumn(problem.Label, "The problem's label", schema);
        var type = schema[_column].Type;
        if (Classifies ? type == ColumnType.Vector : type is ColumnType.Vector or ColumnType.Timestamp or ColumnType.Boolean)
        {
            throw new MlOpsException(
                $"The label is {type}, which {problem.Task} cannot predict.",
                "Choose another label column, or cast it.") { Column = problem.Label };
        }
    }

    private bool Classifies => _problem.Task != TaskKind.Regression;

    /// <summary>The rows of each class on each side, by class; empty for regression.</summary>
    public IReadOnlyDictionary<string, SideCounts> Counts => _all.ToDictionary(
        entry => entry.Key,
        entry => new SideCounts(_train.GetValueOrDefault(entry.Key), _holdout.GetValueOrDefault(entry.Key)));

    /// <summary>Observes the labels of a batch; says which rows have one.</summary>
    public List<int> Observe(RecordBatch batch)
    {
        var labels = batch.Columns[_column];
        var kept = new List<int>(batch.RowCount);
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (labels.IsNull(row)) continue;
            kept.Add(row);
            if (Classifies) Count(_all, labels, row);
            else if (labels is TextColumn || !double.IsFinite(labels.GetNumber(row)))
                throw new MlOpsException(
                    $"The label '{PrintableText.Shorten(labels.GetText(row)!)}' is no finite number, and a regression predicts numbers.",
                    "Cast the column to Number, set such rows aside with an expectation, " +
                        "or define a classification.") { Column = _problem.Label };
        }

        _rows += kept.Count;
        if (_all.Count > MostClasses)
        {
            throw new MlOpsException(
                $"The label has more than {MostClasses} different values.",
                "Define a regression, or choose a label with few classes.") { Column = _problem.Label };
        }
        return kept;
    }

    /// <summary>Checks all labels together, after the last row was observed.</summary>
    public void Check()
    {
        if (_rows == 0)
        {
            throw new MlOpsException(
                "No row is left after the steps.",
                "Check filters, quarantining expectations and the label column: " +
                    "rows without a label are set aside.") { Column = _problem.Label };
        }
        if (!Classifies) return;
        var classes = string.Join(
            ", ",
            _all.Keys.Order(StringComparer.Ordinal).Take(20).Select(name => $"'{PrintableText.Shorten(name)}'"));
        if (_all.Count == 1)
        {
            throw new MlOpsException(
                $"There is only one class {classes} in the label.",
                "Collect rows of every class; a model cannot learn to tell one class from nothing.") { Column = _problem.Label };
        }
        if (_problem.Task != TaskKind.BinaryClassification) return;
        if (_problem.PositiveClass is { } positive && !_all.ContainsKey(positive))
        {
            throw new MlOpsException(
                $"The positive class '{positive}' does not occur in the label; there are: {classes}.",
                "Name one of these as the positive class.") { Column = _problem.Label };
        }
        if (_all.Count > 2)
        {
            throw new MlOpsException(
                $"A binary label has {_all.Count} classes: {classes}.",
                "Define a multiclass classification, or derive a label of two classes.") { Column = _problem.Label };
        }
    }

    public void Assign(RecordBatch batch, int row, SplitSide side)
    {
        if (Classifies) Count(side == SplitSide.Train ? _train : _holdout, batch.Columns[_column], row);
    }

    /// <summary>Checks that both sides can be used.</summary>
    public void CheckSides(long train, long holdout)
    {
        if (train == 0 || holdout == 0)
            throw new MlOpsException(
                string.Create(CultureInfo.InvariantCulture, $"The split leaves {train} rows to learn from and {holdout} to be judged on."),
                "Collect more rows, or change the test share or time.");
        foreach (var (name, counts) in Counts)
        {
            if (counts.Train > 0 && counts.Holdout > 0) continue;
            var rows = counts.Train + counts.Holdout;
            var (missing, share) = counts.Train == 0 ? ("training", "lower") : ("holdout", "higher");
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The class '{PrintableText.Shorten(name)}' has {rows} " +
                        $"row{(rows == 1 ? ", which is not" : "s, and none of them is")} in the {missing} part."),
                "Collect more rows of this class, or merge or leave out rare " +
                    $"classes{(rows == 1 ? "" : $"; a {share} test share may help, too")}.") { Column = _problem.Label };
        }
    }

    private static void Count(Dictionary<string, long> counts, Column labels, int row) =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, labels.GetText(row)!, out _)++;
}
