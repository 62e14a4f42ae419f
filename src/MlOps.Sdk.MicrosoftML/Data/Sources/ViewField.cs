using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>A column of a view, and the column that it becomes. Immutable and thread-safe.</summary>
/// <param name="Source">The column of the view.</param>
/// <param name="Field">What it becomes.</param>
/// <param name="Keys">The texts of the keys, the first for key 1; <see langword="null"/> where there are none.</param>
internal sealed record ViewField(DataViewSchema.Column Source, Field Field, IReadOnlyList<string>? Keys)
{
    /// <summary>What is worth knowing about how values are taken over; <see langword="null"/> for nothing.</summary>
    public string? Note => Source.Type is VectorDataViewType { ItemType: NumberDataViewType item } && Rounds(item.RawType)
        ? $"The vectors of '{Field.Name}' hold {item.RawType.Name} values, which are rounded to Single."
        : null;

    /// <summary>Decides what columns become.</summary>
    /// <param name="columns">Columns of a view.</param>
    /// <param name="view">The view's name, for messages.</param>
    /// <exception cref="MlOpsException">Columns have types that no column can have; all of them are named.</exception>
    public static IReadOnlyList<ViewField> Of(IReadOnlyList<DataViewSchema.Column> columns, string view)
    {
        var refused = columns.Select(column => (column.Name, Why: Refuse(column.Type))).Where(column => column.Why is not null).ToArray();
        if (refused.Length == 0) return [.. columns.Select(Of)];
        var all = string.Join("; ", refused.Select(column => $"'{column.Name}' {column.Why}"));
        throw new MlOpsException(
            $"{refused.Length} of the {columns.Count} columns cannot be read: {all}.",
            "Convert them in ML.NET, or name the others in `columns`.") { DataSource = view, Column = refused[0].Name };
    }

    private static ViewField Of(DataViewSchema.Column column)
    {
        var keys = column.Type is KeyDataViewType ? KeyTexts.OfKeys(column) : null;
        return new ViewField(
            column,
            column.Type switch
            {
                KeyDataViewType => new Field(column.Name, keys is null ? ColumnType.Integer : ColumnType.Text),
                BooleanDataViewType => new Field(column.Name, ColumnType.Boolean),
                TextDataViewType => new Field(column.Name, ColumnType.Text),
                DateTimeDataViewType or DateTimeOffsetDataViewType => new Field(column.Name, ColumnType.Timestamp),
                VectorDataViewType vector => new Field(column.Name, ColumnType.Vector, vector.Size),
                var number when number.RawType == typeof(float) || number.RawType == typeof(double) =>
                    new Field(column.Name, ColumnType.Number),
                _ => new Field(column.Name, ColumnType.Integer),
            },
            keys);
    }

    private static string? Refuse(DataViewType type) => type switch
    {
        KeyDataViewType or BooleanDataViewType or TextDataViewType or NumberDataViewType => null,
        DateTimeDataViewType or DateTimeOffsetDataViewType => null,
        VectorDataViewType { IsKnownSize: false } => "has vectors of variable length, but a column needs vectors of fixed length",
        VectorDataViewType { ItemType: NumberDataViewType } => null,
        VectorDataViewType vector => $"has vectors of {vector.ItemType.RawType.Name}, but only vectors of numbers are supported",
        _ => $"is {type}, for which there is no column type",
    };

    private static bool Rounds(Type type) =>
        type == typeof(double) || type == typeof(int) || type == typeof(uint) || type == typeof(long) || type == typeof(ulong);
}
