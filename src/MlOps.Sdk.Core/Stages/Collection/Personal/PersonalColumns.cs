using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Applies what was said of personal columns to the rows of one run, and keeps their values out of messages. Immutable and thread-safe.
/// </summary>
internal sealed class PersonalColumns
{
    private const string HeaderRemedy =
        "Compare the name with the source's header; without a header line, say so, for example with CsvOptions.HasHeader.";
    private const string Hidden = "not stored, because columns are marked as personal";
    private readonly (int Source, Func<Column, Column>? Change)[] _columns;

    /// <summary>Gets the keys.</summary>
    /// <exception cref="MlOpsException">A column has no text, a key is not available, or no column is left.</exception>
    public PersonalColumns(IReadOnlyDictionary<string, PersonalTreatment> treatments, Schema schema)
    {
        var columns = new List<(int, Func<Column, Column>?)>();
        var fields = new List<Field>();
        var descriptions = new List<string>();
        for (var i = 0; i < schema.Count; i++)
        {
            var field = schema[i];
            if (!treatments.TryGetValue(field.Name, out var treatment))
            {
                columns.Add((i, null));
                fields.Add(field);
                continue;
            }

            var (description, change) = treatment.Begin(field.Name);
            descriptions.Add($"{field.Name}: {description}");
            if (change is null) continue;
            if (field.Type == ColumnType.Vector)
            {
                throw new MlOpsException(
                    "A Vector column has no text to hash or tokenize.",
                    "Drop it, with PersonalTreatment.Drop.") { Column = field.Name };
            }
            columns.Add((i, change));
            fields.Add(new Field(field.Name, ColumnType.Text));
        }

        if (fields.Count == 0) throw new MlOpsException("Every column is dropped as personal.", "Keep at least one column.");
        _columns = [.. columns];
        Schema = new Schema(fields);
        Descriptions = descriptions;
    }

    /// <summary>
    /// Rejects a source that lacks a personal column. The names of a file without a header line are its first row, so they are not shown.
    /// </summary>
    /// <exception cref="MlOpsException">A column does not exist.</exception>
    public static void Require(IEnumerable<string> columns, Schema schema, string source)
    {
        if (columns.FirstOrDefault(column => !schema.Contains(column)) is { } missing)
        {
            throw new MlOpsException(
                $"Personal(…) needs the column '{missing}', which does not exist.",
                HeaderRemedy) { DataSource = source, Column = missing };
        }
    }

    /// <summary>The columns that are kept.</summary>
    public Schema Schema { get; }

    /// <summary>What is done to each personal column, in the order of the source.</summary>
    public IReadOnlyList<string> Descriptions { get; }

    public RecordBatch Apply(RecordBatch batch) => new(
        Schema,
        [.. _columns.Select(column => column.Change is { } change ? change(batch.Columns[column.Source]) : batch.Columns[column.Source])]);

    // Where fields are shifted, a personal value stands in any of them: so neither the row's text is kept nor
    // the reason, which may quote it.
    public static MalformedRow Hide(MalformedRow row) =>
        row with { Reason = $"The row does not fit the schema; its content is {Hidden}.", Text = $"({Hidden})" };

    public static MlOpsException Hide(MlOpsException e, string source) =>
        new(
            $"The source could not be read; the content in the message is {Hidden}.",
            "To see the message, read the source without Personal(…), for example with ReadAllAsync().")
        {
            DataSource = e.DataSource ?? source,
            Line = e.Line,
            Column = e.Line is null ? null : e.Column
        };

    // The names of a file without a header line are its first row; the message names the column that was requested, and
    // the remedy those that are there.
    public static MlOpsException HideNames(MlOpsException e, string source) =>
        new(e.Problem, HeaderRemedy) { DataSource = e.DataSource ?? source, Column = e.Column };

    public static MlOpsException HideForeign(Exception e, string source) =>
        new(
            $"The source could not be read ({e.GetType().Name}); the message is {Hidden}.",
            "To see the message, read the source without Personal(…), for example with ReadAllAsync().") { DataSource = source };

    public static IReadOnlyList<string> Hide(IReadOnlyList<string> notes) =>
        notes.Count == 0
            ? notes
            : [FormattableString.Invariant(
                $"The notes of the sources about their content ({notes.Count} sentence{(notes.Count == 1 ? "" : "s")}) is {Hidden}.")];
}
