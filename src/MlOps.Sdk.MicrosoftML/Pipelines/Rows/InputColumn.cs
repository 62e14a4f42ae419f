using System.Text.Json.Serialization;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>A column of the rows that an ML.NET pipeline is given.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">As what it is read.</param>
/// <param name="Source">
/// The type of the column that it is read from; <see langword="null"/> for one that must exist and is never read, as the label is when
/// serving.
/// </param>
/// <param name="Length">The number of elements of a vector; 1 for every other kind.</param>
/// <param name="Keys">The names of a key's values; <see langword="null"/> for every other kind.</param>
internal sealed record InputColumn(
    string Name, InputKind Kind, ColumnType? Source, int Length = 1, IReadOnlyList<string>? Keys = null)
{
    /// <summary>
    /// How a column is read by default: numbers, integers and booleans as <see cref="float"/>, as code that Model Builder
    /// generates expects, so that a missing value is NaN.
    /// </summary>
    public static InputColumn Of(Field field) => new(field.Name, DefaultKind(field.Type), field.Type, field.Length);

    /// <summary>How a column is read as the given kind of data.</summary>
    /// <exception cref="MlOpsException">The column cannot be read so.</exception>
    public static InputColumn Of(Field field, DataKind kind)
    {
        var read = kind switch
        {
            DataKind.Single => InputKind.Single,
            DataKind.Double => InputKind.Double,
            DataKind.Int32 => InputKind.Int32,
            DataKind.Int64 => InputKind.Int64,
            DataKind.Boolean => InputKind.Boolean,
            DataKind.String => InputKind.Text,
            DataKind.DateTime => InputKind.DateTime,
            _ => throw NotReadable(field, kind.ToString(), "Choose Single, Double, Int32, Int64, Boolean, String or DateTime."),
        };
        return IsReadable(field.Type, read)
            ? new InputColumn(field.Name, read, field.Type, field.Length)
            : throw NotReadable(field, kind.ToString(), "Choose another kind, or cast the column in ProcessData.");
    }

    /// <summary>The column as our rows have it.</summary>
    [JsonIgnore]
    public Field Field => new(Name, Source ?? throw new InvalidOperationException($"The column '{Name}' is not read."), Length);

    /// <summary>The type in ML.NET.</summary>
    [JsonIgnore]
    public DataViewType Type => Kind switch
    {
        InputKind.Single => NumberDataViewType.Single,
        InputKind.Double => NumberDataViewType.Double,
        InputKind.Int32 => NumberDataViewType.Int32,
        InputKind.Int64 => NumberDataViewType.Int64,
        InputKind.Boolean => BooleanDataViewType.Instance,
        InputKind.Text => TextDataViewType.Instance,
        InputKind.DateTime => DateTimeDataViewType.Instance,
        InputKind.Vector => new VectorDataViewType(NumberDataViewType.Single, Length),
        InputKind.Key => new KeyDataViewType(typeof(uint), Keys!.Count),
        _ => throw new InvalidOperationException($"Only the saved model has the type of the column '{Name}'."),
    };

    /// <summary>Whether a description from a file is possible.</summary>
    public bool IsValid() =>
        !string.IsNullOrEmpty(Name)
        && Enum.IsDefined(Kind)
        && (Kind != InputKind.Unread || Source is null)
        && (Source is null || (Enum.IsDefined(Source.Value) && IsReadable(Source.Value, Kind)))
        && (Kind == InputKind.Vector ? Length > 0 : Length == 1)
        && (Kind == InputKind.Key ? Keys is { Count: > 0 } && !Keys.Contains(null!) : Keys is null);

    private static InputKind DefaultKind(ColumnType type) => type switch
    {
        ColumnType.Text => InputKind.Text,
        ColumnType.Timestamp => InputKind.DateTime,
        ColumnType.Vector => InputKind.Vector,
        _ => InputKind.Single,
    };

    private static bool IsReadable(ColumnType type, InputKind kind) => type switch
    {
        ColumnType.Number => kind is InputKind.Single or InputKind.Double or InputKind.Text,
        ColumnType.Integer =>
            kind is InputKind.Single or InputKind.Double or InputKind.Int32 or InputKind.Int64 or InputKind.Text or InputKind.Key,
        ColumnType.Boolean => kind is InputKind.Single or InputKind.Double or InputKind.Boolean or InputKind.Text,
        ColumnType.Text => kind is InputKind.Text or InputKind.Key,
        ColumnType.Timestamp => kind is InputKind.DateTime or InputKind.Double or InputKind.Text,
        _ => kind is InputKind.Vector,
    };

    private static MlOpsException NotReadable(Field field, string kind, string remedy) =>
        new($"The column '{field.Name}' is {field.Type} and cannot be read as {kind}.", remedy) { Column = field.Name };
}
