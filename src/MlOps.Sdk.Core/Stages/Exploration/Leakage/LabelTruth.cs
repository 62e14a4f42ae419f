using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Exploration;

/// <summary>The label of each row in the form that associations are computed with.</summary>
internal sealed class LabelTruth
{
    private LabelTruth(TaskKind task, double[] values, int classCount)
    {
        Task = task;
        Values = values;
        ClassCount = classCount;
    }

    public TaskKind Task { get; }

    /// <summary>The class code (binary: 1 = positive) or the number; NaN where the label is missing.</summary>
    public double[] Values { get; }

    public int ClassCount { get; }

    public static LabelTruth Of(Dataset rows, ProblemDefinition problem)
    {
        var column = rows[problem.Label];
        if (problem.Task == TaskKind.Regression)
        {
            var numbers = NumericColumns.Require(rows, problem.Label);
            return new LabelTruth(
                problem.Task,
                [.. Enumerable.Range(0, rows.RowCount)
                    .Select(numbers.GetNumber)
                    .Select(value => double.IsFinite(value) ? value : double.NaN)],
                1);
        }

        var (codes, levels) = LevelCodes.Of(column);
        if (problem.Task == TaskKind.MulticlassClassification)
        {
            return new LabelTruth(problem.Task, Array.ConvertAll(codes, code => code < 0 ? double.NaN : code), levels.Count);
        }
        var named = PositiveClass(problem, column);
        var positive = levels.IndexOf(LabelEncoding.FindClass([.. levels], named) ?? named);
        return new LabelTruth(problem.Task, Array.ConvertAll(codes, code => code < 0 ? double.NaN : code == positive ? 1 : 0), 2);
    }

    private static string PositiveClass(ProblemDefinition problem, Column column) => problem.PositiveClass ?? column.Type switch
    {
        ColumnType.Boolean => "true",
        ColumnType.Number or ColumnType.Integer => "1",
        _ => throw new MlOpsException(
            $"The positive class of the label '{problem.Label}' is not named.",
            "Name it: `BinaryClassification(label: …, positive: …)`.") { Column = problem.Label },
    };
}
