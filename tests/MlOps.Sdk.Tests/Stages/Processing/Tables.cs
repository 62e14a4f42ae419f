using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tests.Processing;

/// <summary>Small tables written as text: a header of name:Type, then rows; an empty field has no value.</summary>
internal static class Tables
{
    public static RecordBatch Batch(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var schema = new Schema(
            lines[0].Split(',').Select(column => column.Split(':')).Select(parts => new Field(parts[0], Enum.Parse<ColumnType>(parts[1]))));
        var builder = new RecordBatchBuilder(schema);
        foreach (var line in lines.Skip(1))
        {
            var values = line.Split(',');
            for (var i = 0; i < schema.Count; i++) Append(builder[i], values[i]);
        }

        return builder.Build();
    }

    public static string Show(RecordBatch batch) =>
        string.Join(
            '\n',
            Enumerable.Range(0, batch.RowCount).Select(row => string.Join(',', batch.Columns.Select(column => column.GetText(row)))));

    public static async IAsyncEnumerable<RecordBatch> Stream(RecordBatch batch, int size = RecordBatch.MaxRows)
    {
        for (var start = 0; start < batch.RowCount; start += size)
        {
            await Task.Yield();
            yield return batch.Take([.. Enumerable.Range(start, Math.Min(size, batch.RowCount - start))]);
        }
    }

    private static void Append(ColumnBuilder to, string value)
    {
        if (value.Length == 0)
        {
            to.AppendNull();
            return;
        }

        switch (to)
        {
            case NumberColumnBuilder numbers: numbers.Append(double.Parse(value, CultureInfo.InvariantCulture)); break;
            case IntegerColumnBuilder integers: integers.Append(long.Parse(value, CultureInfo.InvariantCulture)); break;
            case BooleanColumnBuilder flags: flags.Append(bool.Parse(value)); break;
            case TextColumnBuilder texts: texts.Append(value); break;
            case TimestampColumnBuilder times:
                times.Append(
                    DateTime.Parse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal));
                break;
        }
    }
}
