using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using MlOps.Sdk.Data;
using NUnit.Framework;
using Peer = Apache.Arrow;

namespace MlOps.Sdk.Tests.Data;

/// <summary>What we write is read by the package Apache.Arrow, and the other way round.</summary>
[TestFixture]
public sealed class ApacheArrowTests
{
    // The dictionary of the column "coded" grows with every batch.
    [TestCase(false)]
    [TestCase(true)]
    public async Task Write_SeveralBatches_AreReadByApacheArrow(bool fromTheFront)
    {
        var stream = new MemoryStream();
        var writer = new ArrowWriter(stream);
        await writer.BeginAsync(ArrowSample.AllTypes);
        for (var batch = 0; batch < 3; batch++) await writer.WriteAsync(ArrowSample.Batch(batch));
        await writer.CompleteAsync();

        // Behind its magic, which is padded to 8 bytes, a file is a stream.
        stream.Position = fromTheFront ? 8 : 0;
        using var reader = fromTheFront ? new ArrowStreamReader(stream) : new ArrowFileReader(stream);
        var row = 0;
        while (await reader.ReadNextRecordBatchAsync() is { } batch)
        {
            var coded = (Peer.DictionaryArray)batch.Column(3);
            var codes = (Peer.Int32Array)coded.Indices;
            var texts = (Peer.StringArray)coded.Dictionary;
            var list = (Peer.FixedSizeListArray)batch.Column(6);
            for (var i = 0; i < batch.Length; i++, row++)
            {
                if (row % 7 == 3)
                {
                    Assert.That(Enumerable.Range(0, batch.ColumnCount).Select(column => batch.Column(column).IsNull(i)), Is.All.True);
                    continue;
                }

                var elements = (Peer.FloatArray)list.GetSlicedValues(i);
                Assert.That(((Peer.DoubleArray)batch.Column(0)).GetValue(i), Is.EqualTo(row / 8.0));
                Assert.That(((Peer.Int64Array)batch.Column(1)).GetValue(i), Is.EqualTo(long.MaxValue - row));
                Assert.That(((Peer.BooleanArray)batch.Column(2)).GetValue(i), Is.EqualTo(row % 2 == 0));
                Assert.That(texts.GetString(codes.GetValue(i)!.Value), Is.EqualTo($"grün {row / 100} 👩‍💻"));
                Assert.That(((Peer.StringArray)batch.Column(4)).GetString(i), Is.EqualTo($"text {row}"));
                Assert.That(((Peer.TimestampArray)batch.Column(5)).GetTimestamp(i), Is.EqualTo(DateTimeOffset.UnixEpoch.AddSeconds(row)));
                Assert.That((elements.GetValue(0), elements.GetValue(1)), Is.EqualTo(((float?)row, (float?)0.5f)));
            }
        }

        Assert.That(row, Is.EqualTo(1200));
    }

    [Test]
    public async Task Read_WhatApacheArrowWrote_IsEqual()
    {
        Peer.IArrowArray[] columns =
        [
            new Peer.DoubleArray.Builder().Append(1.5).AppendNull().Append(-0.0).Append(double.PositiveInfinity).Build(),
            new Peer.Int64Array.Builder().Append(long.MinValue).AppendNull().Append(-1).Append(long.MaxValue).Build(),
            new Peer.BooleanArray.Builder().Append(true).AppendNull().Append(false).Append(true).Build(),
            new Peer.StringArray.Builder().Append("grün").AppendNull().Append("").Append("👩‍💻").Build(),
            Coded(Int8Type.Default, new Peer.Int8Array.Builder().Append(1).AppendNull().Append(0).Append(2).Build()),
            Coded(Int16Type.Default, new Peer.Int16Array.Builder().Append(0).AppendNull().Append(0).Append(1).Build()),
            Coded(Int32Type.Default, new Peer.Int32Array.Builder().Append(1).Append(1).AppendNull().Append(2).Build()),
            Times(TimeUnit.Second),
            Times(TimeUnit.Millisecond),
            Times(TimeUnit.Microsecond),
            Times(TimeUnit.Nanosecond),
            Lists(),
        ];
        var schema = new Peer.Schema(columns.Select((column, i) => new Peer.Field($"c{i}", column.Data.DataType, true)), null);
        var stream = new MemoryStream();
        using (var writer = new ArrowFileWriter(stream, schema, leaveOpen: true))
        {
            using var batch = new Peer.RecordBatch(schema, columns, 4);
            await writer.WriteRecordBatchAsync(batch);
            await writer.WriteRecordBatchAsync(batch.Slice(1, 3));
            await writer.WriteEndAsync();
        }

        stream.Position = 0;
        var reader = await ArrowReader.OpenAsync(stream, "theirs.arrow");
        var rows = new List<string>();
        await foreach (var batch in reader.ReadAsync())
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                rows.Add(string.Join('|', batch.Columns.Select(column => column.GetText(row) ?? "∅")));
            }
        }

        const string zero = "1970-01-01T00:00:00.0000000Z";
        const string late = "2001-09-09T01:46:40.0000000Z";
        string[] expected =
        [
            $"1.5|-9223372036854775808|true|grün|b|a|b|{zero}|{zero}|{zero}|{zero}|[1 2]",
            "∅|∅|∅|∅|∅|∅|b|∅|∅|∅|∅|∅",
            $"0|-1|false||a|a|∅|{late}|{late}|{late}|{late}|[3 4]",
            $"Infinity|9223372036854775807|true|👩‍💻|∅|b|∅|{zero}|{zero}|{zero}|{zero}|[5 6]",
        ];
        Assert.That(rows, Is.EqualTo((string[])[.. expected, .. expected[1..]]));
    }

    // Code 2 stands for a text that is itself null.
    private static Peer.DictionaryArray Coded(IArrowType codeType, Peer.IArrowArray codes) =>
        new(
            new DictionaryType(codeType, StringType.Default, false),
            codes,
            new Peer.StringArray.Builder().Append("a").Append("b").AppendNull().Build());

    private static Peer.TimestampArray Times(TimeUnit unit) => new Peer.TimestampArray.Builder(unit, "UTC")
        .Append(DateTimeOffset.UnixEpoch)
        .AppendNull()
        .Append(DateTimeOffset.FromUnixTimeSeconds(1_000_000_000))
        .Append(DateTimeOffset.UnixEpoch)
        .Build();

    private static Peer.FixedSizeListArray Lists()
    {
        var builder = new Peer.FixedSizeListArray.Builder(new Peer.Field("item", FloatType.Default, true), 2);
        var elements = (Peer.FloatArray.Builder)builder.ValueBuilder;
        builder.Append();
        elements.Append(1).Append(2);
        builder.AppendNull();
        builder.Append();
        elements.Append(3).Append(4);
        builder.Append();
        elements.Append(5).Append(6);
        return builder.Build();
    }
}
