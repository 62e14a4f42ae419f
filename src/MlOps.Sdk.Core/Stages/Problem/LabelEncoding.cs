using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Problem;

/// <summary>
/// How the label's values become numbers: classes their index (binary: 0 negative, 1 positive), numbers
/// themselves. Immutable and thread-safe.
/// </summary>
/// <param name="Task">What is predicted.</param>
/// <param name="Label">The label's column.</param>
/// <param name="Classes">The classes by index; empty for regression.</param>
public sealed record LabelEncoding(TaskKind Task, string Label, IReadOnlyList<string> Classes)
{
    /// <summary>The number of classes; 1 for regression.</summary>
    public int ClassCount => Math.Max(1, Classes.Count);

    /// <summary>Scores per row: 1, or one per class for multiclass.</summary>
    public int Outputs => Task == TaskKind.MulticlassClassification ? Classes.Count : 1;

    /// <summary>Learns the classes from rows.</summary>
    /// <param name="problem">What is to be solved.</param>
    /// <param name="rows">Rows with the label.</param>
    /// <exception cref="MlOpsException">
    /// The label does not fit the task: not numeric, a single class, no positive row, more than two classes.
    /// </exception>
    public static LabelEncoding Learn(ProblemDefinition problem, Dataset rows)
    {
        var column = rows[problem.Label];
        if (problem.Task == TaskKind.Regression)
        {
            if (column.Type is not (ColumnType.Number or ColumnType.Integer))
            {
                throw new MlOpsException(
                    $"The label of a regression must be a number, but '{problem.Label}' is {column.Type}.",
                    "Cast it in ProcessData, or choose a classification task.") { Column = problem.Label };
            }
            return new LabelEncoding(problem.Task, problem.Label, []);
        }

        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; row < column.Length; row++)
        {
            if (column.GetText(row) is { } text) counts[text] = counts.GetValueOrDefault(text) + 1;
        }

        if (counts.Count < 2)
        {
            throw new MlOpsException(
                counts.Count == 0
                    ? $"The label '{problem.Label}' has no value."
                    : $"The label '{problem.Label}' has one class only: '{counts.First().Key}' in all {counts.First().Value} rows.",
                "A classifier needs examples of at least two classes; collect more rows, or check the filters.") { Column = problem.Label };
        }

        if (problem.Task == TaskKind.MulticlassClassification) return new LabelEncoding(problem.Task, problem.Label, [.. counts.Keys]);

        var found = string.Join(", ", counts.Take(10).Select(c => $"'{c.Key}' ({c.Value})"));
        if (FindClass(counts.Keys, problem.PositiveClass) is not { } positive)
        {
            throw new MlOpsException(
                $"The positive class '{problem.PositiveClass}' does not occur in the label '{problem.Label}'.",
                $"The values are {found}; name one of them.") { Column = problem.Label };
        }
        if (counts.Count > 2)
        {
            throw new MlOpsException(
                $"The label '{problem.Label}' of a binary classification has {counts.Count} values: {found}.",
                "Choose MulticlassClassification, or derive a two-valued label in ProcessData.") { Column = problem.Label };
        }
        return new LabelEncoding(problem.Task, problem.Label, [counts.Keys.First(name => name != positive), positive]);
    }

    /// <summary>
    /// The class that a text names, as the data spells it, or for regression the number, as it is written most shortly;
    /// <see langword="null"/> when it is neither. Booleans are known in any case of letters.
    /// </summary>
    internal string? Find(string label)
    {
        if (Task == TaskKind.Regression)
        {
            return FieldText.TryNumber(Encoding.UTF8.GetBytes(label), out var number)
                ? (number == 0 ? 0 : number).ToString(CultureInfo.InvariantCulture)
                : null;
        }
        return FindClass(Classes, label);
    }

    /// <summary>The one of some classes that a text names: exactly or, where all are booleans, in any case of letters.</summary>
    internal static string? FindClass(IReadOnlyCollection<string> classes, string? label)
    {
        if (label is null || classes.Contains(label)) return label;
        return classes.All(IsBoolean) && IsBoolean(label) && classes.Count(SameAs) == 1 ? classes.Single(SameAs) : null;

        bool SameAs(string name) => name.Equals(label, StringComparison.OrdinalIgnoreCase);
        static bool IsBoolean(string name) =>
            name.Equals("true", StringComparison.OrdinalIgnoreCase) || name.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The labels of rows as numbers.</summary>
    /// <param name="rows">Rows with the label.</param>
    /// <exception cref="MlOpsException">A label is missing or none of the classes.</exception>
    public double[] Encode(Dataset rows)
    {
        var column = rows[Label];
        var labels = new double[column.Length];
        var indices = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Classes.Count; i++) indices.Add(Classes[i], i);
        for (var row = 0; row < labels.Length; row++)
        {
            labels[row] = Task == TaskKind.Regression ? column.GetNumber(row)
                : column.GetText(row) is { } text && indices.TryGetValue(text, out var index) ? index
                : double.NaN;
            if (!double.IsFinite(labels[row]))
            {
                throw new MlOpsException(
                    $"The label of row {(row + 1).ToString(CultureInfo.InvariantCulture)} is " +
                        $"{(column.GetText(row) is { } value ? $"'{value}'" : "missing")}.",
                    Task == TaskKind.Regression
                        ? "Filter such rows out in ProcessData."
                        : $"The model knows the classes {string.Join(", ", Classes)}.") { Column = Label };
            }
        }

        return labels;
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
