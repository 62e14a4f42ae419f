using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>The columns of a view as ML.NET sees them. Immutable and thread-safe.</summary>
internal sealed class ViewShape
{
    private ViewShape(Schema columns, ViewReading[] readings, DataViewSchema schema, IReadOnlyList<string> notes)
    {
        Columns = columns;
        Readings = readings;
        Schema = schema;
        Notes = notes;
    }

    /// <summary>The columns as the library sees them.</summary>
    public Schema Columns { get; }

    /// <summary>How each of them is read.</summary>
    public IReadOnlyList<ViewReading> Readings { get; }

    /// <summary>The columns as ML.NET sees them.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>Where the two differ, as sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The chosen columns of a table, in their order.</summary>
    /// <exception cref="MlOpsException">A column does not exist, or is named twice.</exception>
    public static Schema Choose(Schema all, IEnumerable<string>? columns) =>
        columns is null ? all : new Schema(columns.Select(column => all[column]));

    /// <summary>Decides how columns are read.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="facts">What is known of each.</param>
    /// <exception cref="MlOpsException">A vector has no elements.</exception>
    public static ViewShape Of(Schema columns, IReadOnlyList<ColumnFacts> facts)
    {
        var readings = new ViewReading[columns.Count];
        var notes = new List<string>();
        var schema = new DataViewSchema.Builder();
        for (var i = 0; i < readings.Length; i++)
        {
            var field = columns[i];
            readings[i] = ReadingOf(field.Type, facts[i].Missing > 0);
            schema.AddColumn(field.Name, TypeOf(readings[i], field));
            if (NoteOf(readings[i], field.Name, facts[i]) is { } note) notes.Add(note);
        }

        return new ViewShape(columns, readings, schema.ToSchema(), notes);
    }

    /// <summary>Which columns are requested, in the order of the schema.</summary>
    /// <exception cref="InvalidOperationException">A column is not one of the view.</exception>
    public int[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var active = new SortedSet<int>();
        foreach (var column in columns)
        {
            if (column.Index >= Columns.Count || Columns[column.Index].Name != column.Name)
            {
                throw new InvalidOperationException($"The column '{column.Name}' is not one of this view.");
            }
            active.Add(column.Index);
        }

        return [.. active];
    }

    private static ViewReading ReadingOf(ColumnType type, bool hasMissing) => type switch
    {
        ColumnType.Number => ViewReading.Number,
        ColumnType.Integer => hasMissing ? ViewReading.IntegerOrNaN : ViewReading.Integer,
        ColumnType.Boolean => hasMissing ? ViewReading.BooleanOrNaN : ViewReading.Boolean,
        ColumnType.Text => ViewReading.Text,
        ColumnType.Timestamp => hasMissing ? ViewReading.TimestampOrNaN : ViewReading.Timestamp,
        ColumnType.Vector => ViewReading.Vector,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static DataViewType TypeOf(ViewReading reading, Field field) => reading switch
    {
        ViewReading.Number or ViewReading.TimestampOrNaN => NumberDataViewType.Double,
        ViewReading.Integer => NumberDataViewType.Int64,
        ViewReading.IntegerOrNaN or ViewReading.BooleanOrNaN => NumberDataViewType.Single,
        ViewReading.Boolean => BooleanDataViewType.Instance,
        ViewReading.Text => TextDataViewType.Instance,
        ViewReading.Timestamp => DateTimeDataViewType.Instance,

        // For ML.NET, a size of 0 means that vectors differ in length.
        _ when field.Length < 1 => throw new MlOpsException(
            $"The vectors of '{field.Name}' have no elements.",
            "Exclude the column: name the others in `columns`.") { Column = field.Name },
        _ => new VectorDataViewType(NumberDataViewType.Single, field.Length),
    };

    private static string? NoteOf(ViewReading reading, string name, ColumnFacts facts) => reading switch
    {
        ViewReading.IntegerOrNaN => $"'{name}' has {Values(facts.Missing)}, which Int64 cannot hold: it is read as Single, missing as NaN."
            + (facts.Rounded > 0 ? string.Create(CultureInfo.InvariantCulture, $" Single rounds {facts.Rounded:N0} of its integers.") : ""),
        ViewReading.BooleanOrNaN =>
            $"'{name}' has {Values(facts.Missing)}, which Boolean cannot hold: it is read as Single, 1 for true and 0 for false, " +
                "missing as NaN.",
        ViewReading.TimestampOrNaN =>
            $"'{name}' has {Values(facts.Missing)}, which DateTime cannot hold: it is read as Double, " +
                "in seconds since 1970-01-01 UTC, missing as NaN.",
        ViewReading.Text when facts.Missing > 0 =>
            $"'{name}' has {Values(facts.Missing)}, which Text cannot hold: missing is read as empty text.",
        _ => null,
    };

    private static string Values(long missing) =>
        missing == 1 ? "1 missing value" : string.Create(CultureInfo.InvariantCulture, $"{missing:N0} missing values");
}
