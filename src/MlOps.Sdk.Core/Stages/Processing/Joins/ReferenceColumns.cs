using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>The columns of a reference that a join appends to rows. Immutable and thread-safe.</summary>
internal sealed class ReferenceColumns
{
    private readonly Column[] _columns;

    /// <param name="input">The columns of the rows.</param>
    /// <param name="reference">The table to take values from.</param>
    /// <param name="columns">Its columns to append; <see langword="null"/> for all except those that the join matches by.</param>
    /// <param name="matched">The columns that the join matches by.</param>
    /// <param name="prefix">What the new columns' names begin with.</param>
    /// <param name="step">Who asks, for messages.</param>
    /// <exception cref="MlOpsException">A column is missing, or its name is taken.</exception>
    public ReferenceColumns(
        Schema input, Dataset reference, IReadOnlyList<string>? columns, IReadOnlyList<string> matched, string prefix, string step)
    {
        int[] chosen = columns is null
            ? [.. Enumerable.Range(0, reference.Schema.Count).Where(i => !matched.Contains(reference.Schema[i].Name))]
            : [.. columns.Select(column => ColumnChange.Find(reference.Schema, column, $"{step}, in its reference,"))];
        Field[] fields = [.. chosen.Select(i => reference.Schema[i] with { Name = prefix + reference.Schema[i].Name })];
        if (fields.FirstOrDefault(field => input.Contains(field.Name)) is { } taken)
        {
            throw new MlOpsException(
                $"{step}: there is already a column '{taken.Name}'.",
                "Choose a prefix, or name the columns to join.") { Column = taken.Name };
        }
        Output = new Schema(input.Concat(fields));
        _columns = [.. chosen.Select(i => reference.Columns[i])];
    }

    /// <summary>The columns of the rows, and the joined ones behind them.</summary>
    public Schema Output { get; }

    /// <summary>Appends to each row the values of a row of the reference.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="matches">The row of the reference for each; −1 for none.</param>
    public RecordBatch Append(RecordBatch rows, int[] matches) =>
        new(Output, [.. rows.Columns, .. _columns.Select(column => column.TakeOrNull(matches))]);
}
