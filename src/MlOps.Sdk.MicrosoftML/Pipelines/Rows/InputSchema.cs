using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The columns that an ML.NET pipeline is given, with types that depend on nothing but the columns': the same in every fold and when
/// serving. Immutable and thread-safe.
/// </summary>
internal sealed class InputSchema
{
    /// <summary>Creates a schema.</summary>
    /// <param name="columns">The columns, in order; names are unique.</param>
    /// <param name="saved">What the saved model says of those that are never read; <see langword="null"/> when there are none.</param>
    /// <exception cref="MlOpsException">A column is missing from what the saved model says.</exception>
    public InputSchema(IReadOnlyList<InputColumn> columns, DataViewSchema? saved = null)
    {
        Columns = columns;
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            if (column.Kind == InputKind.Unread)
            {
                var unread = saved?.GetColumnOrNull(column.Name)
                    ?? throw SavedParts.Damaged(
                        "pipeline of ML.NET", $"it has no type for the column '{Printable.Text(column.Name)}'");
                builder.AddColumn(column.Name, unread.Type, unread.Annotations);
            }
            else if (column.Keys is null) builder.AddColumn(column.Name, column.Type);
            else builder.AddColumn(column.Name, column.Type, Names(column.Keys));
        }

        Schema = builder.ToSchema();
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<InputColumn> Columns { get; }

    /// <summary>The columns as ML.NET sees them.</summary>
    public DataViewSchema Schema { get; }

    private static DataViewSchema.Annotations Names(IReadOnlyList<string> names)
    {
        ReadOnlyMemory<char>[] values = [.. names.Select(name => name.AsMemory())];
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            "KeyValues",
            new VectorDataViewType(TextDataViewType.Instance, values.Length),
            (ref VBuffer<ReadOnlyMemory<char>> to) => new VBuffer<ReadOnlyMemory<char>>(values.Length, values).CopyTo(ref to));
        return annotations.ToAnnotations();
    }
}
