using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
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
    private readonly bool _isText;
    private long _rows;
    private long _seen;

    public LabelTally(ProblemDefinition problem, Schema schema)
    {
        _problem = problem;
        _column = schema.TryGetIndex(problem.Label, out var column)
            ? column
            : throw NearestName.MissingColumn(problem.Label, "The problem's label", schema);
        var type = schema[_column].Type;
        _isText = type == ColumnType.Text;
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

    /// <summary>Which classes are probably one, written in different ways; <see langword="null"/> when none are.</summary>
    public string? Note
    {
        get
        {
            static string Bare(string name) =>
                string.Join(' ', name.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            string[] alike =
            [
                .. _all.Keys.GroupBy(Bare)
                    .Where(group => group.Skip(1).Any())
                    .SelectMany(group => group.Order(StringComparer.Ordinal))
                    .Select(name => $"'{PrintableText.Shorten(name)}'")
            ];
            return alike.Length == 0 ? null
                : $"The classes {string.Join(", ", alike.Take(20))} differ only in blanks or in the case of letters, but each is a " +
                    $"separate class. If this is not intended, call NormalizeText(\"{_problem.Label}\").";
        }
    }

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
            else RequireNumber(labels, row);
        }

        _seen += batch.RowCount;
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
                    "rows without a label are quarantined.") { Column = _problem.Label };
        }
        if (!Classifies)
        {
            if (!_isText) return;
            throw new MlOpsException(
                "The label is Text, but a regression predicts numbers; all its values are numbers.",
                "Cast the column to Number in ProcessData, or set its type in the schema of the source.") { Column = _problem.Label };
        }

        var classes = string.Join(
            ", ",
            _all.Keys.Order(StringComparer.Ordinal).Take(20).Select(name => $"'{PrintableText.Shorten(name)}'"));
        if (_all.Count == 1)
        {
            throw new MlOpsException(
                $"The label has only one class, {classes}.",
                "Collect rows of every class; a model needs at least two classes.") { Column = _problem.Label };
        }
        if (_problem.Task != TaskKind.BinaryClassification) return;
        if (_problem.PositiveClass is { } positive && LabelEncoding.FindClass(_all.Keys, positive) is null)
        {
            throw new MlOpsException(
                $"The positive class '{positive}' does not occur in the label; there are: {classes}.",
                "Use one of these as the positive class.") { Column = _problem.Label };
        }
        if (_all.Count > 2)
        {
            throw new MlOpsException(
                $"A binary label has {_all.Count} classes: {classes}.",
                (Note is { } alike ? $"{alike} Otherwise, d" : "D") +
                    "efine a multiclass classification, or derive a label of two classes.")
            {
                Column = _problem.Label
            };
        }
    }

    public void Assign(RecordBatch batch, int row, SplitSide side)
    {
        if (Classifies) Count(side == SplitSide.Train ? _train : _holdout, batch.Columns[_column], row);
    }

    /// <summary>Checks that both sides can be used.</summary>
    public void CheckSides(SplitFacts split)
    {
        if (split.Train == 0 || split.Holdout == 0)
        {
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The split leaves {split.Train:N0} rows to learn from and {split.Holdout:N0} to be judged on.{split.Why}"),
                split.Remedy);
        }

        foreach (var (name, counts) in Counts)
        {
            if (counts.Train > 0 && counts.Holdout > 0) continue;
            var rows = counts.Train + counts.Holdout;
            var (missing, share) = counts.Train == 0 ? ("training", "lower") : ("holdout", "higher");
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The class '{PrintableText.Shorten(name)}' has {rows:N0} " +
                        $"row{(rows == 1 ? ", which is not" : "s, and none of them is")} in the {missing} part.{split.Why}"),
                split.Why.Length > 0
                    ? $"{split.Remedy} Rare classes can be merged or removed."
                    : "Collect more rows of this class, or merge or remove rare " +
                        $"classes{(rows == 1 ? "" : $"; a {share} test share may help, too")}.") { Column = _problem.Label };
        }
    }

    private void RequireNumber(Column labels, int row)
    {
        var text = labels.GetText(row)!;
        if (_isText ? FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out _) : double.IsFinite(labels.GetNumber(row))) return;
        throw new MlOpsException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The label of row {_seen + row + 1}, '{PrintableText.Shorten(text)}', is not a finite number, but a regression predicts " +
                    $"numbers.{(_isText ? " So all values of the column were read as text." : "")}"),
            (_isText ? "Correct the value, or, if it means a missing value, add it to the null tokens of the source" :
                "Correct the value, or quarantine the row with an expectation") +
                "; rows without a label are quarantined. Or define a classification.") { Column = _problem.Label };
    }

    private static void Count(Dictionary<string, long> counts, Column labels, int row) =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, labels.GetText(row)!, out _)++;
}
