using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>Tables to write, and their rows as text that is equal exactly when every bit is.</summary>
internal static class Tables
{
    public static readonly Schema Columns = new(
        new Field("number", ColumnType.Number),
        new Field("whole", ColumnType.Integer),
        new Field("flag", ColumnType.Boolean),
        new Field("text", ColumnType.Text),
        new Field("moment", ColumnType.Timestamp),
        new Field("place", ColumnType.Vector, 3));

    private static readonly double[] Numbers =
    [
        0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon,
        0.1, 1.0 / 3, BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_BEEF), 9_007_199_254_740_993, 1e-300,
    ];

    private static readonly string?[] Texts =
    [
        "plain", null, "", " spaced ", "naïve Ω 𝄞 \uE000 \uFFFD", "line\r\nbreak\t\0", "'); DROP TABLE t; --",
        "日本語", "e\u0301", new string('x', 3000),
    ];

    private static readonly DateTime[] Times =
    [
        DateTime.UnixEpoch, DateTime.MinValue, new(DateTime.MaxValue.Ticks / 10 * 10), DateTime.UnixEpoch.AddMicroseconds(-1),
        new DateTime(2024, 2, 29, 23, 59, 59).AddMicroseconds(123_456), new(1582, 10, 15), new(1883, 11, 18, 17, 0, 0),
    ];

    /// <summary>Rows of every type with the values at their edges, and without values.</summary>
    public static Dataset Edges(int rows)
    {
        var builder = new RecordBatchBuilder(Columns);
        for (var i = 0; i < rows; i++)
        {
            Append(i % 5 == 1, builder[0], to => ((NumberColumnBuilder)to).Append(Numbers[i % Numbers.Length]));
            Append(i % 7 == 2, builder[1], to => ((IntegerColumnBuilder)to).Append((i % 4) switch
            {
                0 => long.MinValue + i,
                1 => long.MaxValue - i,
                2 => -i,
                _ => i,
            }));
            Append(i % 6 == 3, builder[2], to => ((BooleanColumnBuilder)to).Append(i % 3 == 0));
            ((TextColumnBuilder)builder[3]).Append(Texts[i % Texts.Length]);
            Append(i % 8 == 4, builder[4], to => ((TimestampColumnBuilder)to).Append(Times[i % Times.Length]));
            Append(i % 9 == 5, builder[5], to => ((VectorColumnBuilder)to).Append([i, -0f, i % 2 == 0 ? float.NaN : float.Epsilon]));
        }

        var batch = builder.Build();
        return Dataset.FromBatches(Columns, [batch]);
    }

    public static string[] Of(Dataset table) => [.. Enumerable.Range(0, table.RowCount).Select(row =>
        string.Join('|', table.Columns.Select(column => Cell(column, row))))];

    public static async Task<Dataset> ReadAsync(IDataSource source, ReadRequest? request = null)
    {
        await using var scan = await source.OpenAsync(request ?? ReadRequest.All);
        return await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
    }

    public static Dataset Of<T>(params T[] rows) => ReadAsync(DataSources.Objects(rows)).GetAwaiter().GetResult();

    private static string Cell(Column column, int row) => column.IsNull(row) ? "null" : column switch
    {
        NumberColumn numbers => BitConverter.DoubleToInt64Bits(numbers.Values[row]).ToString("X16", CultureInfo.InvariantCulture),
        VectorColumn vectors => string.Join(' ', vectors.GetVector(row).ToArray().Select(
            element => BitConverter.SingleToInt32Bits(element).ToString("X8", CultureInfo.InvariantCulture))),
        _ => $"'{column.GetText(row)}'",
    };

    private static void Append(bool isNull, ColumnBuilder to, Action<ColumnBuilder> append)
    {
        if (isNull) to.AppendNull();
        else append(to);
    }
}
