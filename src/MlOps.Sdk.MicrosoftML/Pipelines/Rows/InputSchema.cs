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
    public InputSchema(IReadOnlyList<InputColumn> columns)
    {
        Columns = columns;
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            if (column.Keys is null) builder.AddColumn(column.Name, column.Type);
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
