using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Testing;

/// <summary>Rows that no training saw: without values, with the greatest and smallest ones, and with texts that nobody expects.</summary>
internal static class StrangeRows
{
    public static Dataset Of(Schema schema)
    {
        var builder = new RecordBatchBuilder(schema);
        for (var row = 0; row < 4; row++)
        {
            for (var i = 0; i < schema.Count; i++)
            {
                if (row == 0) builder[i].AppendNull();
                else Append(builder[i], row, schema[i].Length);
            }
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }

    private static void Append(ColumnBuilder builder, int row, int length)
    {
        switch (builder)
        {
            case NumberColumnBuilder numbers:
                numbers.Append(row switch { 1 => -1e300, 2 => double.PositiveInfinity, _ => 0.1234567 });
                break;
            case IntegerColumnBuilder integers:
                integers.Append(row switch { 1 => long.MinValue, 2 => long.MaxValue, _ => -1 });
                break;
            case BooleanColumnBuilder flags: flags.Append(row == 1); break;
            case TextColumnBuilder texts:
                texts.Append(row switch
                {
                    1 => "",
                    2 => "never seen \0 \uD83D\uDE00",
                    _ => new StringBuilder().Append('x', 5000).ToString()
                });
                break;
            case TimestampColumnBuilder times: times.Append(row == 1 ? DateTime.MinValue : DateTime.MaxValue); break;
            case VectorColumnBuilder vectors:
                vectors.Append([.. Enumerable.Repeat(row == 1 ? float.NaN : float.MaxValue, length)]);
                break;
        }
    }
}
