using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>What we write, read by another implementation.</summary>
[TestFixture]
public sealed class DuckDbReadsTests : ParquetFixture
{
    [Test]
    public async Task WriteToAsync_ValuesAtTheirEdges_AreReadByDuckDb()
    {
        var table = Tables.Edges(1000);
        var path = Folder["edges.parquet"];
        await table.WriteToAsync(DataSinks.Parquet(path, options => options.RowGroupRows = 400));

        var types = Duck.Query($"DESCRIBE SELECT * FROM '{path}'").Select(row => $"{row[0]} {row[1]}");
        var rows = Duck.Query($"SELECT number, whole, flag, text, epoch_us(moment), place[1], place[3], len(place) FROM '{path}'");

        Assert.That(types, Is.EqualTo(new[]
        {
            "number DOUBLE", "whole BIGINT", "flag BOOLEAN", "text VARCHAR", "moment TIMESTAMP WITH TIME ZONE", "place FLOAT[]",
        }));
        var numbers = (Data.NumberColumn)table["number"];
        var times = (Data.TimestampColumn)table["moment"];
        var places = (Data.VectorColumn)table["place"];
        for (var row = 0; row < rows.Length; row++)
        {
            object?[] expected =
            [
                numbers.IsNull(row) ? null : numbers.Values[row],
                table["whole"].IsNull(row) ? null : ((Data.IntegerColumn)table["whole"]).Values[row],
                table["flag"].IsNull(row) ? null : table["flag"].GetNumber(row) != 0,
                table["text"].GetText(row),
                times.IsNull(row) ? null : (times.Values[row] - DateTime.UnixEpoch.Ticks) / 10,
                places.IsNull(row) ? null : places.GetVector(row)[0],
                places.IsNull(row) ? null : places.GetVector(row)[2],
                places.IsNull(row) ? null : 3L,
            ];
            Assert.That(rows[row], Is.EqualTo(expected), $"row {row}");
        }
    }

    // DuckDB leaves out row groups by our statistics: one that is wrong loses rows.
    [TestCase("text >= chr(57344) AND text < chr(65535)", 20)]
    [TestCase("text > 'x'", 40)]
    [TestCase("number <= -1e300", 20)]
    [TestCase("number >= 1e300", 40)]
    [TestCase("whole < -5", 40)]
    [TestCase("moment < TIMESTAMPTZ '1600-01-01 00:00:00+00'", 20)]
    public async Task WriteToAsync_Statistics_LeaveOutNoRow(string condition, int atLeast)
    {
        string[] texts = ["𝄞", "\uE000", "\uFFFD", "z", new string('x', 300), "a"];
        var table = Tables.Of([.. Enumerable.Range(0, 240).Select(i => new
        {
            Text = texts[i % texts.Length],
            Number = (i % 3) switch { 0 => double.NaN, 1 => double.MaxValue, _ => -double.MaxValue },
            Whole = i % 2 == 0 ? (long)-i : i,
            Moment = i % 5 == 0 ? DateTime.MinValue : DateTime.UnixEpoch,
        })]);
        await table.WriteToAsync(DataSinks.Parquet(Folder["one.parquet"], options => options.RowGroupRows = 2));
        Duck.Run($"COPY (SELECT * FROM '{Folder["one.parquet"]}') TO '{Folder["plain.csv"]}'");

        var counted = (long)Duck.Query($"SELECT count(*) FROM '{Folder["one.parquet"]}' WHERE {condition}").Single()[0]!;
        var types = "{'text': 'VARCHAR', 'number': 'DOUBLE', 'whole': 'BIGINT', 'moment': 'TIMESTAMPTZ'}";
        var csv = $"read_csv('{Folder["plain.csv"]}', columns = {types})";
        var scanned = (long)Duck.Query($"SELECT count(*) FROM {csv} WHERE {condition}").Single()[0]!;

        Assert.That(counted, Is.EqualTo(scanned).And.AtLeast(atLeast));
    }
}
