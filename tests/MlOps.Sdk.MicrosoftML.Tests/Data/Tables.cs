using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Tables for tests.</summary>
internal static class Tables
{
    public static readonly DateTime Start = new(2024, 2, 29, 12, 30, 0, DateTimeKind.Utc);

    /// <summary>A column of every type; a pure function of the number of rows, and of whether every third value is missing.</summary>
    public static Dataset OfEveryType(int rows, bool missing = false)
    {
        var schema = new Schema(
            new Field("number", ColumnType.Number),
            new Field("integer", ColumnType.Integer),
            new Field("flag", ColumnType.Boolean),
            new Field("text", ColumnType.Text),
            new Field("time", ColumnType.Timestamp),
            new Field("vector", ColumnType.Vector, 3));
        return Of(schema, rows, (row, to) =>
        {
            if (missing && row % 3 == 1)
            {
                for (var i = 0; i < schema.Count; i++) to[i].AppendNull();
                return;
            }

            ((NumberColumnBuilder)to[0]).Append(row * 0.5);
            ((IntegerColumnBuilder)to[1]).Append(row - 2L);
            ((BooleanColumnBuilder)to[2]).Append(row % 2 == 0);
            ((TextColumnBuilder)to[3]).Append($"text {row % 4}");
            ((TimestampColumnBuilder)to[4]).Append(Start.AddDays(row));
            ((VectorColumnBuilder)to[5]).Append([row, row + 0.25f, -row]);
        });
    }

    /// <summary>A table whose rows are appended one by one.</summary>
    public static Dataset Of(Schema schema, int rows, Action<int, RecordBatchBuilder> append)
    {
        var batches = new List<RecordBatch>();
        var builder = new RecordBatchBuilder(schema);
        for (var row = 0; row < rows; row++)
        {
            append(row, builder);
            if (builder.Count == RecordBatch.MaxRows) batches.Add(builder.Build());
        }

        batches.Add(builder.Build());
        return Dataset.FromBatches(schema, batches);
    }

    /// <summary>A table of one column.</summary>
    public static Dataset OfOne(string name, ColumnType type, int rows, Action<int, ColumnBuilder> append) =>
        Of(new Schema(new Field(name, type)), rows, (row, to) => append(row, to[0]));
}
