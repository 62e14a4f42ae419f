using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.MLNet;

/// <summary>Brings the columns that a model file names to those of the rows that it is judged on.</summary>
internal static class FileSchema
{
    /// <summary>The columns of a file, each with the type of the row's column; those that are not read are as the file has them.</summary>
    /// <param name="schema">The columns that were saved with the model.</param>
    /// <param name="read">The positions of those that the prediction depends on.</param>
    /// <param name="context">The rows.</param>
    /// <exception cref="MlOpsException">The model reads what the rows do not have, or have as another type; all are listed.</exception>
    public static InputSchema Match(DataViewSchema schema, IReadOnlySet<int> read, ModelImportContext context)
    {
        var columns = new List<InputColumn>();
        var mismatches = new List<string>();
        foreach (var column in schema)
        {
            // A later column of the same name hides an earlier one, which nobody can request.
            if (column.IsHidden) continue;
            if (!read.Contains(column.Index))
            {
                columns.Add(new InputColumn(column.Name, InputKind.Unread, null));
                continue;
            }
            if (Mismatch(column, context, out var matched) is { } mismatch) mismatches.Add(mismatch);
            else columns.Add(matched!);
        }

        return mismatches.Count == 0
            ? new InputSchema(columns, schema)
            : throw new MlOpsException(
                $"The model does not fit the rows: {string.Join("; ", mismatches)}.",
                "Declare rows with the columns that it reads: rename or cast them, or give the source a schema. It can read " +
                    "Single, Double, Int32, Int64, Boolean, String, DateTime, vectors of Single, and keys with the texts of their values.");
    }

    private static string? Mismatch(DataViewSchema.Column column, ModelImportContext context, out InputColumn? matched)
    {
        matched = null;
        var name = Printable.Text(column.Name);
        if (column.Name == context.Problem.Label) return $"it reads the label '{name}' to predict it";
        if (KindOf(column) is not { } kind) return $"it reads '{name}' as {column.Type}, which is not supported";
        if (!context.Rows.Schema.TryGetIndex(column.Name, out var index))
        {
            var near = NearestName.Find(column.Name, context.Rows.Schema.Select(field => field.Name));
            return $"it reads '{name}' ({column.Type}), which the rows do not have" + (near is null ? "" : $" (did you mean '{near}'?)");
        }

        var field = context.Rows.Schema[index];
        var length = kind == InputKind.Vector ? ((VectorDataViewType)column.Type).Size : 1;
        matched = new InputColumn(column.Name, kind, field.Type, length, KeysOf(column, kind));
        return matched.IsValid() && (kind != InputKind.Vector || field.Length == length)
            ? null
            : $"it reads '{name}' as {column.Type}, and the rows have {field.Type}";
    }

    private static InputKind? KindOf(DataViewSchema.Column column) => column.Type switch
    {
        var type when type == NumberDataViewType.Single => InputKind.Single,
        var type when type == NumberDataViewType.Double => InputKind.Double,
        var type when type == NumberDataViewType.Int32 => InputKind.Int32,
        var type when type == NumberDataViewType.Int64 => InputKind.Int64,
        BooleanDataViewType => InputKind.Boolean,
        TextDataViewType => InputKind.Text,
        DateTimeDataViewType => InputKind.DateTime,
        VectorDataViewType { IsKnownSize: true } vector when vector.ItemType == NumberDataViewType.Single => InputKind.Vector,
        KeyDataViewType key when key.RawType == typeof(uint) && KeysOf(column, InputKind.Key) is not null => InputKind.Key,
        _ => null,
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
