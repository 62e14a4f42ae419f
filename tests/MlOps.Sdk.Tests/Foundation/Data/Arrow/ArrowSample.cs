using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tests.Data;

/// <summary>Rows of every type, for tests with other readers and writers of Arrow files.</summary>
internal static class ArrowSample
{
    public static readonly Schema AllTypes = new(
        new Field("number", ColumnType.Number),
        new Field("integer", ColumnType.Integer),
        new Field("flag", ColumnType.Boolean),
        new Field("coded", ColumnType.Text),
        new Field("plain", ColumnType.Text),
        new Field("at", ColumnType.Timestamp),
        new Field("list", ColumnType.Vector, 2));

    /// <summary>400 rows; one in seven is missing, and the texts of the column "coded" differ between batches.</summary>
    public static RecordBatch Batch(int batch)
    {
        var builder = new RecordBatchBuilder(AllTypes);
        for (var row = batch * 400; row < (batch + 1) * 400; row++)
        {
            if (row % 7 == 3)
            {
                for (var i = 0; i < AllTypes.Count; i++) builder[i].AppendNull();
                continue;
            }

            ((NumberColumnBuilder)builder[0]).Append(row / 8.0);
            ((IntegerColumnBuilder)builder[1]).Append(long.MaxValue - row);
            ((BooleanColumnBuilder)builder[2]).Append(row % 2 == 0);
            ((TextColumnBuilder)builder[3]).Append($"grün {row / 100} 👩‍💻");
            ((TextColumnBuilder)builder[4]).Append($"text {row}");
            ((TimestampColumnBuilder)builder[5]).Append(DateTime.UnixEpoch.AddSeconds(row));
            ((VectorColumnBuilder)builder[6]).Append([row, 0.5f]);
        }

        return builder.Build();
    }
}
