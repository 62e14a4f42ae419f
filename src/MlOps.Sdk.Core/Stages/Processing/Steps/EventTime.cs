using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>The Timestamp column by which a step orders rows; every row must have a value there. Thread-safe.</summary>
internal sealed class EventTime
{
    private readonly int _index;
    private readonly string _column;
    private readonly string _step;

    public EventTime(Schema schema, string column, string step)
    {
        _index = ColumnChange.Find(schema, column, step);
        _column = column;
        _step = step;
        if (schema[_index].Type != ColumnType.Timestamp)
        {
            throw new MlOpsException(
                $"{step} needs a Timestamp column; this one is {schema[_index].Type}.",
                "Cast the column to Timestamp first, or read it with ParseDates.") { Column = column };
        }
    }

    /// <summary>Rejects a batch with a row without time.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="before">The number of rows in earlier batches.</param>
    public void Check(RecordBatch batch, long before)
    {
        var times = batch.Columns[_index];
        if (times.NullCount == 0) return;
        var row = 0;
        while (!times.IsNull(row)) row++;
        throw new MlOpsException(
            string.Create(CultureInfo.InvariantCulture, $"Row {before + row + 1}: {_step} needs a time, but there is none."),
            "Fill in the times, or quarantine these rows first: " +
                "Expect(rows => rows.Column(…).NotNull(), OnFailure.Quarantine).") { Column = _column };
    }

    /// <summary>The time of a row in UTC ticks.</summary>
    public long Of(RecordBatch batch, int row) => ((TimestampColumn)batch.Columns[_index]).Values[row];

    /// <summary>The times of all rows in UTC ticks.</summary>
    public ReadOnlySpan<long> Of(RecordBatch batch) => ((TimestampColumn)batch.Columns[_index]).Values;
}
