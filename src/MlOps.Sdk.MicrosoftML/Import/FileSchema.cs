using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>Brings the columns that a model file names to those of the rows that it is judged on.</summary>
internal static class FileSchema
{
    /// <summary>The columns of a file, each with the type of the row's column where there is one.</summary>
    /// <param name="schema">The columns that were saved with the model.</param>
    /// <param name="context">The rows.</param>
    /// <returns>The columns, and the texts of the classes in the form in which the model was given the label.</returns>
    /// <exception cref="MlOpsException">A column is of a type that is not supported.</exception>
    public static (InputSchema Inputs, IReadOnlyList<string> Texts) Match(DataViewSchema schema, ModelImportContext context)
    {
        var columns = new List<InputColumn>();
        IReadOnlyList<string> texts = context.Encoding.Classes;
        foreach (var column in schema.Where(column => !column.IsHidden))
        {
            var (kind, length) = KindOf(column);
            if (column.Name == context.Problem.Label)
            {
                if (kind == InputKind.Boolean)
                {
                    texts = [bool.FalseString, bool.TrueString];
                }
                else if (kind is InputKind.Single or InputKind.Double && context.Problem.Task == TaskKind.BinaryClassification)
                {
                    texts = ["0", "1"];
                }
                columns.Add(new InputColumn(column.Name, kind, null, length, KeysOf(column, kind)));
                continue;
            }

            var source = context.Rows.Schema.TryGetIndex(column.Name, out var index) ? (ColumnType?)context.Rows.Schema[index].Type : null;
            columns.Add(new InputColumn(column.Name, kind, source, length, KeysOf(column, kind)));
        }

        return (new InputSchema(columns), texts);
    }

    /// <summary>Refuses a model that reads what the rows do not have, or have as another type; all mismatches are listed.</summary>
    public static void RequireReadable(InputSchema inputs, IReadOnlySet<int> read, DataViewSchema schema, ModelImportContext context)
    {
        var mismatches = new List<string>();
        foreach (var index in read.Order())
        {
            var column = inputs.Columns[index];
            if (column.Name == context.Problem.Label)
            {
                mismatches.Add($"it reads the label '{column.Name}' to predict it");
            }
            else if (column.Source is not { } source)
            {
                var near = NearestName.Find(column.Name, context.Rows.Schema.Select(field => field.Name));
                mismatches.Add(
                    $"it reads '{Printable.Text(column.Name)}' ({schema[column.Name].Type}), which the rows do not have" +
                    (near is null ? "" : $" (did you mean '{near}'?)"));
            }
            else if (!column.IsValid() || (column.Kind == InputKind.Vector && context.Rows.Schema[column.Name].Length != column.Length))
            {
                mismatches.Add($"it reads '{Printable.Text(column.Name)}' as {schema[column.Name].Type}, and the rows have {source}");
            }
        }

        if (mismatches.Count > 0)
        {
            throw new MlOpsException(
                $"The model does not fit the rows: {string.Join("; ", mismatches)}.",
                "Declare rows with the columns that it reads: rename or cast them, or give the source a schema.");
        }
    }

    /// <summary>A type that can be read as a kind.</summary>
    public static ColumnType Any(InputKind kind) => kind switch
    {
        InputKind.Int32 or InputKind.Int64 or InputKind.Key => ColumnType.Integer,
        InputKind.Boolean => ColumnType.Boolean,
        InputKind.Text => ColumnType.Text,
        InputKind.DateTime => ColumnType.Timestamp,
        InputKind.Vector => ColumnType.Vector,
        _ => ColumnType.Number,
    };

    private static (InputKind Kind, int Length) KindOf(DataViewSchema.Column column) => column.Type switch
    {
        var type when type == NumberDataViewType.Single => (InputKind.Single, 1),
        var type when type == NumberDataViewType.Double => (InputKind.Double, 1),
        var type when type == NumberDataViewType.Int32 => (InputKind.Int32, 1),
        var type when type == NumberDataViewType.Int64 => (InputKind.Int64, 1),
        BooleanDataViewType => (InputKind.Boolean, 1),
        TextDataViewType => (InputKind.Text, 1),
        DateTimeDataViewType => (InputKind.DateTime, 1),
        VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Single =>
            (InputKind.Vector, vector.Size),
        KeyDataViewType key when key.RawType == typeof(uint) && KeysOf(column, InputKind.Key) is not null => (InputKind.Key, 1),
        _ => throw new MlOpsException(
            $"The model file names the column '{Printable.Text(column.Name)}' of the type {column.Type}, which cannot be given to it.",
            "Save the model with Single, Double, Int32, Int64, Boolean, String, DateTime or vectors of Single."),
    };

    private static IReadOnlyList<string>? KeysOf(DataViewSchema.Column column, InputKind kind)
    {
        if (kind != InputKind.Key
            || column.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is not VectorDataViewType { ItemType: TextDataViewType })
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue("KeyValues", ref names);
        return [.. names.DenseValues().Select(value => value.ToString())];
    }
}
