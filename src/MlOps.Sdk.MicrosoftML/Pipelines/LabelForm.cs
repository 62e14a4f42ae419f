using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A form in which a pipeline can be given the label.</summary>
/// <param name="Column">The column.</param>
/// <param name="Values">The values of the training rows.</param>
/// <param name="Texts">The texts of the classes' values in this form, in the problem's order; empty for regression.</param>
internal sealed record LabelForm(InputColumn Column, Func<Column> Values, IReadOnlyList<string> Texts)
{
    /// <summary>
    /// The forms, the best first: classes as texts before true and false, which trainers of two classes want, and before keys, which
    /// trainers of several classes want.
    /// </summary>
    /// <param name="context">The rows.</param>
    /// <param name="asked">The only form that is allowed; <see langword="null"/> for any.</param>
    /// <exception cref="MlOpsException">The form that is requested does not fit the task.</exception>
    public static IReadOnlyList<LabelForm> Of(RowTrainingContext context, DataKind? asked)
    {
        var isBoolean = context.Rows.Schema[context.Problem.Label].Type == ColumnType.Boolean;
        DataKind?[] kinds = context.Task switch
        {
            TaskKind.Regression => [DataKind.Single, DataKind.Double],
            TaskKind.BinaryClassification when isBoolean => [DataKind.Boolean, DataKind.String, DataKind.Single],
            TaskKind.BinaryClassification => [DataKind.String, DataKind.Boolean, DataKind.Single],
            _ => [DataKind.String, null],
        };
        if (asked is null) return [.. kinds.Select(kind => Of(context, context.Problem.Label, kind))];
        return kinds.Contains(asked)
            ? [Of(context, context.Problem.Label, asked)]
            : throw new MlOpsException(
                $"The label of {context.Task} cannot be read as {asked}.",
                $"Choose {string.Join(" or ", kinds.OfType<DataKind>())}, or omit it.") { Column = context.Problem.Label };
    }

    private static LabelForm Of(RowTrainingContext context, string label, DataKind? kind)
    {
        var classes = context.Encoding.Classes;
        return kind switch
        {
            DataKind.String => new LabelForm(
                new InputColumn(label, InputKind.Text, ColumnType.Text),
                () => Build<TextColumnBuilder>(context, ColumnType.Text, (to, value) => to.Append(classes[(int)value])),
                classes),
            DataKind.Boolean => new LabelForm(
                new InputColumn(label, InputKind.Boolean, ColumnType.Boolean),
                () => Build<BooleanColumnBuilder>(context, ColumnType.Boolean, (to, value) => to.Append(value == 1)),
                [bool.FalseString, bool.TrueString]),
            null => new LabelForm(
                new InputColumn(label, InputKind.Key, ColumnType.Text, Keys: classes),
                () => Build<TextColumnBuilder>(context, ColumnType.Text, (to, value) => to.Append(classes[(int)value])),
                classes),
            _ => new LabelForm(
                new InputColumn(label, kind == DataKind.Single ? InputKind.Single : InputKind.Double, ColumnType.Number),
                () => Build<NumberColumnBuilder>(context, ColumnType.Number, (to, value) => to.Append(value)),
                context.Task == TaskKind.Regression ? [] : ["0", "1"]),
        };
    }

    private static Column Build<TBuilder>(RowTrainingContext context, ColumnType type, Action<TBuilder, double> append)
        where TBuilder : ColumnBuilder
    {
        var builder = (TBuilder)ColumnBuilder.Create(type, capacity: context.Labels.Length);
        foreach (var label in context.Labels.Span) append(builder, label);
        return builder.Build();
    }
}
