using MlOps.Sdk.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>What another implementation writes, read by us.</summary>
[TestFixture]
public sealed class DuckDbWritesTests : ParquetFixture
{
    private const string Types = """
        i::TINYINT AS int8, i::SMALLINT AS int16, i::INTEGER AS int32, i::BIGINT - 9223372036854775808 AS int64,
        (200 + i % 50)::UTINYINT AS uint8, (65000 + i % 50)::USMALLINT AS uint16, (4294967200 + i % 50)::UINTEGER AS uint32,
        (9223372036854775000 + i)::UBIGINT AS uint64, (i / 7.0)::FLOAT AS float32, i / 7.0::DOUBLE AS float64,
        (i * 1.01)::DECIMAL(4, 2) AS decimal16, (i * 1.01)::DECIMAL(9, 2) AS decimal32, (i * -1.01)::DECIMAL(18, 4) AS decimal64,
        (i * -100000000000.01)::DECIMAL(38, 10) AS decimal128,
        i % 2 = 0 AS flag, 'Ω ' || i AS text, DATE '1969-12-25' + i::INTEGER AS day,
        TIMESTAMP '1969-12-31 23:59:59.999999' + INTERVAL (i) MICROSECOND AS micros,
        (TIMESTAMP '1969-12-31 23:59:59.999' + INTERVAL (i) MILLISECOND)::TIMESTAMP_MS AS millis,
        (TIMESTAMP '1969-12-31 23:59:59' + INTERVAL (i) MICROSECOND)::TIMESTAMP_NS AS nanos,
        (TIMESTAMP '2024-02-29 12:00:00' + INTERVAL (i) SECOND)::TIMESTAMPTZ AS zoned,
        ('00000000-0000-0000-0000-0000000000' || lpad(i::VARCHAR, 2, '0'))::UUID AS id,
        [i, -i, 0.5]::FLOAT[] AS place
        """;

    [TestCase("CODEC 'snappy'")]
    [TestCase("CODEC 'zstd', PARQUET_VERSION v2")]
    [TestCase("CODEC 'gzip', ROW_GROUP_SIZE 20")]
    [TestCase("CODEC 'brotli'")]
    [TestCase("CODEC 'lz4_raw'")]
    [TestCase("CODEC 'uncompressed', PARQUET_VERSION v2, ROW_GROUP_SIZE 40")]
    public async Task ReadAsync_AllTypesWithNulls_AreWhatDuckDbSays(string how)
    {
        var path = Folder["types.parquet"];
        var select = string.Join(", ", Types.Split(" AS ")[1..].Select(part => part.Split([',', '\n', ' '])[0])
            .Select(name => $"CASE WHEN i % 11 = 3 THEN NULL ELSE {name} END AS {name}"));
        Duck.Run($"COPY (SELECT {select} FROM (SELECT i, {Types} FROM range(90) t(i))) TO '{path}' (FORMAT parquet, {how})");

        var read = await Tables.ReadAsync(DataSources.Parquet(path));

        var rows = Duck.Query($"""
            SELECT int8, int16, int32, int64, uint8, uint16, uint32, uint64::HUGEINT::VARCHAR, float32::VARCHAR, float64,
                decimal16::VARCHAR, decimal32::VARCHAR, decimal64::VARCHAR, decimal128::VARCHAR, flag, text,
                epoch_us(day), epoch_us(micros), epoch_us(millis), epoch_ns(nanos) // 1000, epoch_us(zoned), id::VARCHAR,
                place[1]::VARCHAR || ' ' || place[2]::VARCHAR || ' ' || place[3]::VARCHAR
            FROM '{path}'
            """);
        Assert.That(rows, Has.Length.EqualTo(90).And.Length.EqualTo(read.RowCount));
        for (var row = 0; row < rows.Length; row++)
        {
            for (var i = 0; i < read.Schema.Count; i++)
            {
                Assert.That(
                    Cell(read.Columns[i], row), Is.EqualTo(Text(rows[row][i], read.Columns[i].Type)), $"{read.Schema[i].Name} of {row}");
            }
        }
    }

    [Test]
    public async Task ReadAsync_SeveralRowGroupsOfManyRows_GivesEveryRowOnce()
    {
        var path = Folder["large.parquet"];
        Duck.Run($"""
            COPY (SELECT i, i % 1000 AS code, 'text ' || i % 5000 AS text FROM range(200000) t(i)) TO '{path}' (ROW_GROUP_SIZE 60000)
            """);

        var read = await Tables.ReadAsync(DataSources.Parquet(path));

        Assert.That(((Data.IntegerColumn)read["i"]).Values.ToArray(), Is.EqualTo(Enumerable.Range(0, 200_000).Select(i => (long)i)));
        Assert.That(Enumerable.Range(0, 200_000).All(i => read["text"].GetText(i) == $"text {i % 5000}"), Is.True);
    }

    [TestCase("1 AS a, TIME '12:00:00' AS odd", "times of day")]
    [TestCase("1 AS a, [1, 2]::INTEGER[] AS odd", "list of something else")]
    [TestCase("1 AS a, {'x': 1} AS odd", "group")]
    [TestCase("1 AS a, MAP {'x': 1} AS odd", "map")]
    [TestCase("1 AS a, 'x'::BLOB AS odd", "bytes")]
    public async Task OpenAsync_TypeThatNoColumnHolds_IsRefusedByNameUnlessLeftOut(string select, string what)
    {
        var path = Folder["odd.parquet"];
        Duck.Run($"COPY (SELECT {select}) TO '{path}'");

        Assert.That(
            async () => await DataSources.Parquet(path).OpenAsync(ReadRequest.All),
            Throws.InstanceOf<MlOpsException>()
                .With.Message.Contains("'odd'").And.Message.Contains(what).And.Message.Contains("odd.parquet"));
        var rest = await Tables.ReadAsync(DataSources.Parquet(path), new ReadRequest { Columns = ["a"] });
        Assert.That(Tables.Of(rest), Is.EqualTo(new[] { "'1'" }));
    }

    [TestCase("18446744073709551615::UBIGINT", "9223372036854775807")]
    [TestCase("TIMESTAMP '10000-01-01 00:00:00'", "year 9999")]
    [TestCase("TIMESTAMP '0044-03-15 (BC) 00:00:00'", "year 1 ")]
    public void ReadAsync_ValueThatNoColumnHolds_IsRefusedByName(string value, string what)
    {
        var path = Folder["odd.parquet"];
        Duck.Run($"COPY (SELECT {value} AS odd) TO '{path}'");

        Assert.That(
            async () => await Tables.ReadAsync(DataSources.Parquet(path)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'odd'").And.Message.Contains(what));
    }

    [TestCase("SELECT [1, 2]::FLOAT[] AS odd UNION ALL SELECT [1]::FLOAT[]", "several lengths")]
    [TestCase("SELECT [1, NULL]::FLOAT[] AS odd", "missing elements")]
    [TestCase("SELECT NULL::FLOAT[] AS odd", "not known")]
    public void ReadAsync_ListsThatAreNoVectors_AreRefusedByName(string select, string what)
    {
        var path = Folder["odd.parquet"];
        Duck.Run($"COPY ({select}) TO '{path}'");

        Assert.That(
            async () => await Tables.ReadAsync(DataSources.Parquet(path)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'odd'").And.Message.Contains(what));
    }

    private static string? Cell(Data.Column column, int row) => column.IsNull(row) ? null : column switch
    {
        Data.NumberColumn numbers => Invariant(numbers.Values[row]),
        Data.VectorColumn vectors => string.Join(' ', vectors.GetVector(row).ToArray().Select(element => Invariant(element))),
        Data.TimestampColumn times => Invariant((times.Values[row] - DateTime.UnixEpoch.Ticks) / 10),
        Data.BooleanColumn flags => flags.GetNumber(row) != 0 ? "True" : "False",
        _ => column.GetText(row),
    };

    private static string? Text(object? value, ColumnType type) => (type, value) switch
    {
        (_, null) => null,
        (ColumnType.Number, string text) => Invariant(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
        (ColumnType.Vector, string text) => string.Join(' ', text.Split(' ').Select(
            part => Invariant(float.Parse(part, System.Globalization.CultureInfo.InvariantCulture)))),
        _ => Invariant(value),
    };

    private static string Invariant(object value) => FormattableString.Invariant($"{value}");
}
