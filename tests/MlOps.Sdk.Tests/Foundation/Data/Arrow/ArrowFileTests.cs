using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

[TestFixture]
public sealed class ArrowFileTests
{
    private static readonly Schema AllTypes = new(
        new Field("n", ColumnType.Number),
        new Field("i", ColumnType.Integer),
        new Field("b", ColumnType.Boolean),
        new Field("t", ColumnType.Text),
        new Field("at", ColumnType.Timestamp),
        new Field("v", ColumnType.Vector, 3));

    private static readonly Schema AllForms = new([.. AllTypes, new Field("plain", ColumnType.Text)]);

    private static string EarlierFile => Path.Combine(AppContext.BaseDirectory, "Foundation", "Data", "Arrow", "snapshot-0.1.arrow");

    [Test]
    public async Task ReadAsync_WhatWasWritten_IsEqual()
    {
        var batches = new[] { Batch(1, 200), Batch(2, 1), Batch(3, 64) };
        var reader = await ArrowReader.OpenAsync(new MemoryStream(await WriteAsync(batches)), "test");
        Assert.That(reader.Schema, Is.EqualTo(AllTypes));
        var read = await ToListAsync(reader);
        Assert.That(read.Select(batch => batch.RowCount), Is.EqualTo(new[] { 200, 1, 64 }));
        for (var i = 0; i < read.Count; i++) Assert.That(Show(read[i]), Is.EqualTo(Show(batches[i])));
    }

    [Test]
    public async Task WriteAsync_SameRowsFromAnotherHistory_SameBytes()
    {
        var batch = Batch(1, 100);
        var shuffled = Batch(1, 100).Take([.. Enumerable.Range(0, 100).Reverse()]);
        var restored = shuffled.Take([.. Enumerable.Range(0, 100).Reverse()]);
        Assert.That(await WriteAsync([restored]), Is.EqualTo(await WriteAsync([batch])));
    }

    // The ids of snapshots are hashes of these bytes, and later stages are reused by the ids.
    [Test]
    public async Task WriteAsync_RowsOfAnEarlierVersion_HaveItsBytes() =>
        Assert.That(await WriteAsync([Known(0, 300), Known(300, 5)], AllForms), Is.EqualTo(await File.ReadAllBytesAsync(EarlierFile)));

    [Test]
    public async Task ReadAsync_FileOfAnEarlierVersion_IsEqual()
    {
        await using var file = File.OpenRead(EarlierFile);
        var reader = await ArrowReader.OpenAsync(file, "snapshot-0.1.arrow");
        Assert.That(reader.Schema, Is.EqualTo(AllForms));
        var read = await ToListAsync(reader);
        Assert.That(read.Select(Show), Is.EqualTo(new[] { Show(Known(0, 300)), Show(Known(300, 5)) }));
    }

    [Test]
    public async Task ReadAsync_NoRows_HasSchema()
    {
        var reader = await ArrowReader.OpenAsync(new MemoryStream(await WriteAsync([])), "test");
        Assert.That(reader.Schema, Is.EqualTo(AllTypes));
        Assert.That(await ToListAsync(reader), Is.Empty);
    }

    [Test]
    public async Task ReadAsync_CutAnywhere_SaysDamaged()
    {
        var bytes = await WriteAsync([Batch(1, 20)]);
        for (var length = 0; length < bytes.Length; length++)
        {
            var failure = await FailureAsync(bytes[..length]);
            Assert.That(failure, Is.TypeOf<MlOpsException>(), $"cut at {length}");
            Assert.That(failure!.DataSource, Is.EqualTo("test"));
        }
    }

    [Test]
    public async Task ReadAsync_BytesBehindTheEnd_SaysDamaged()
    {
        var bytes = await WriteAsync([Batch(1, 2)]);
        Assert.That(await FailureAsync([.. bytes, 0]), Has.Message.Contains("does not end with its footer"));
    }

    // The format has no checksums (the artifact store has), so a changed byte may give other values; it never gives
    // anything but a batch or a clear error.
    [Test]
    public async Task ReadAsync_MutatedFiles_GiveAnErrorOrRowsAndTakeBoundedMemory()
    {
        var bytes = await WriteAsync([Batch(1, 12), Batch(2, 300)]);
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var mutated = (byte[])bytes.Clone();
            for (var change = random.Next(1, 6); change > 0; change--) Mutate(mutated, random);
            if (random.Next(10) == 0) mutated = mutated[..random.Next(mutated.Length)];
            var before = GC.GetAllocatedBytesForCurrentThread();
            if (await FailureAsync(mutated) is not null) refused++;
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(32 << 20), $"file {i}");
        }

        Assert.That(refused, Is.InRange(2_000, 9_990));
    }

    // A table that refers to an earlier place may contain itself. A reader that follows it recurses until the process dies, which
    // nothing catches.
    [Test]
    public async Task ReadAsync_OffsetsOfTheSchemaThatPointBack_GiveAnErrorOrRows()
    {
        var bytes = await WriteAsync([Batch(1, 12)]);
        const int start = 16; // behind the magic, the continuation marker and the length
        var end = start + BitConverter.ToInt32(bytes, start - 4);
        var refused = 0;
        for (var at = start; at < end; at += 4)
        {
            for (var target = start; target < at; target += 4)
            {
                var bent = (byte[])bytes.Clone();
                BitConverter.TryWriteBytes(bent.AsSpan(at), target - at);
                if (await FailureAsync(bent) is not null) refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(5_000));
    }

    [Test]
    public async Task OpenAsync_LengthThatLies_TakesNoMemoryForIt()
    {
        byte[] bytes = [.. "ARROW1\0\0"u8, 255, 255, 255, 255, .. BitConverter.GetBytes(0x3FFF_FFF8), 1, 2, 3];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(await FailureAsync(bytes), Has.Message.Contains("ends too early"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
    }

    [Test]
    public async Task OpenAsync_OtherBytes_SaysThatItIsNoArrowFile() =>
        Assert.That(await FailureAsync("PAR1, which is another format"u8.ToArray()), Has.Message.Contains("not an Arrow IPC file"));

    [Test]
    public void ReadAsync_ArbitraryRows_AreEqual() =>
        Prop.ForAll<(double? Number, long? Integer, bool? Boolean, string? Text, DateTime? At, float Element)[], int>((rows, seed) =>
        {
            var batch = Build(rows);
            var parts = new List<RecordBatch>();
            var random = new Random(seed);
            for (var from = 0; from < rows.Length;)
            {
                var count = random.Next(0, rows.Length - from + 1);
                parts.Add(batch.Take([.. Enumerable.Range(from, count)]));
                from += Math.Max(count, 0);
                if (count == 0) parts.Add(batch.Take([from++]));
            }

            var read = ReadAll(WriteAsync(parts).GetAwaiter().GetResult());
            return Show(read) == string.Join('\n', rows.Select(Expected));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Test]
    public async Task ReadAsync_Extremes_AreEqual()
    {
        double?[] numbers = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon, -0.0, null];
        long?[] integers = [long.MinValue, long.MaxValue, 0, null, -1, 1, 2];
        DateTime?[] times =
        [
            DateTime.MinValue,
            new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9_999_990),
            DateTime.UnixEpoch,
            DateTime.UnixEpoch.AddTicks(-10),
            null,
            null,
            null
        ];
        string?[] texts = ["", null, "\0", "👩‍💻 ü", new string('x', 100_000), "\r\n", "null"];
        var batch = Build([.. Enumerable.Range(0, 7).Select(i => (numbers[i], integers[i], (bool?)null, texts[i], times[i], float.NaN))]);

        var read = ReadAll(await WriteAsync([batch]));

        Assert.That(Show(read), Is.EqualTo(Show(batch)));
        Assert.That(
            BitConverter.DoubleToInt64Bits(((NumberColumn)read.Columns[0]).Values[5]),
            Is.EqualTo(BitConverter.DoubleToInt64Bits(0.0)),
            "−0 is 0");
        Assert.That(
            (read.Columns[0].NullCount, read.Columns[0].IsNull(0), read.Columns[0].IsNull(6)),
            Is.EqualTo((1, false, true)),
            "NaN is a value");
    }

    [TestCase(0.01, true)]
    [TestCase(1, false)]
    public async Task WriteAsync_TextsThatHardlyRepeat_AreWrittenWithoutADictionary(double share, bool coded)
    {
        var schema = new Schema(new Field("t", ColumnType.Text));
        var stream = new MemoryStream();
        var writer = new ArrowWriter(stream);
        await writer.BeginAsync(schema);
        for (var batch = 0; batch < 3; batch++)
        {
            var builder = new TextColumnBuilder();
            for (var row = 0; row < 1000; row++) builder.Append($"text {(int)((batch * 1000 + row) * share)}");
            await writer.WriteAsync(new RecordBatch(schema, [builder.Build()]));
        }

        await writer.CompleteAsync();

        var read = ReadAll(stream.ToArray());
        Assert.That(
            Enumerable.Range(0, 3000).Select(row => read.Columns[0].GetText(row)),
            Is.EqualTo(Enumerable.Range(0, 3000).Select(row => $"text {(int)(row * share)}")));
        Assert.That(
            Encoding.Latin1.GetString(stream.ToArray()).Split("text 5").Length - 1,
            Is.EqualTo(coded ? 1 : 111),
            "how often the text 5 and those that begin with it stand in the file");
    }

    [Test]
    public async Task ReadAsync_DictionaryOfManyTexts_GivesEachBatchOnlyItsOwn()
    {
        var schema = new Schema(new Field("t", ColumnType.Text));
        var stream = new MemoryStream();
        var writer = new ArrowWriter(stream);
        await writer.BeginAsync(schema);
        for (var batch = 0; batch < 10; batch++)
        {
            var builder = new TextColumnBuilder();
            for (var row = 0; row < 1000; row++) builder.Append($"text {batch * 100 + row % 100}");
            await writer.WriteAsync(new RecordBatch(schema, [builder.Build()]));
        }

        await writer.CompleteAsync();
        stream.Position = 0;

        var batches = await ToListAsync(await ArrowReader.OpenAsync(stream, "test"));

        Assert.That(batches.Select(batch => ((TextColumn)batch.Columns[0]).Dictionary.Length), Is.All.EqualTo(100));
        Assert.That(batches[7].Columns[0].GetText(5), Is.EqualTo("text 705"));
    }

    private static void Mutate(byte[] bytes, Random random)
    {
        var at = random.Next(bytes.Length);
        switch (random.Next(4))
        {
            case 0: bytes[at] = (byte)random.Next(256); break;
            case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 2: bytes.AsSpan(at, Math.Min(bytes.Length - at, random.Next(1, 9))).Fill((byte)(random.Next(2) * 255)); break;
            default: bytes.AsSpan(random.Next(bytes.Length - 16), 8).CopyTo(bytes.AsSpan(Math.Min(at, bytes.Length - 8))); break;
        }
    }

    private static RecordBatch Build((double? Number, long? Integer, bool? Boolean, string? Text, DateTime? At, float Element)[] rows)
    {
        var builder = new RecordBatchBuilder(AllTypes);
        foreach (var row in rows)
        {
            if (row.Number is { } number) ((NumberColumnBuilder)builder[0]).Append(number); else builder[0].AppendNull();
            if (row.Integer is { } integer) ((IntegerColumnBuilder)builder[1]).Append(integer); else builder[1].AppendNull();
            if (row.Boolean is { } boolean) ((BooleanColumnBuilder)builder[2]).Append(boolean); else builder[2].AppendNull();
            ((TextColumnBuilder)builder[3]).Append(row.Text);
            if (row.At is { } at)
            {
                ((TimestampColumnBuilder)builder[4]).Append(DateTime.SpecifyKind(at, DateTimeKind.Utc));
            }
            else
            {
                builder[4].AppendNull();
            }
            if (row.Integer is null) builder[5].AppendNull(); else ((VectorColumnBuilder)builder[5]).Append([row.Element, 1, -row.Element]);
        }

        return builder.Build();
    }

    // A text that is no valid UTF-16 cannot be written; its broken characters become U+FFFD.
    private static string Expected((double? Number, long? Integer, bool? Boolean, string? Text, DateTime? At, float Element) row)
    {
        var ascii = row.Text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(row.Text));
        return Show(Build([row with { Text = ascii }]));
    }

    private static RecordBatch ReadAll(byte[] bytes)
    {
        var reader = ArrowReader.OpenAsync(new MemoryStream(bytes), "test").GetAwaiter().GetResult();
        var builder = new RecordBatchBuilder(reader.Schema);
        foreach (var batch in ToListAsync(reader).GetAwaiter().GetResult())
        {
            for (var row = 0; row < batch.RowCount; row++) builder.Append(batch, row);
        }

        return builder.Build();
    }

    private static async Task<byte[]> WriteAsync(IEnumerable<RecordBatch> batches, Schema? schema = null)
    {
        var stream = new MemoryStream();
        var writer = new ArrowWriter(stream);
        await writer.BeginAsync(schema ?? AllTypes);
        foreach (var batch in batches) await writer.WriteAsync(batch);
        await writer.CompleteAsync();
        return stream.ToArray();
    }

    private static async Task<MlOpsException?> FailureAsync(byte[] bytes)
    {
        try
        {
            await ToListAsync(await ArrowReader.OpenAsync(new MemoryStream(bytes), "test"));
            return null;
        }
        catch (MlOpsException e)
        {
            return e;
        }
    }

    private static async Task<List<RecordBatch>> ToListAsync(ArrowReader reader)
    {
        var batches = new List<RecordBatch>();
        await foreach (var batch in reader.ReadAsync()) batches.Add(batch);
        return batches;
    }

    private static string Show(RecordBatch batch) => string.Join(
        '\n',
        Enumerable.Range(0, batch.RowCount).Select(row => string.Join('|', batch.Columns.Select(column => column.GetText(row) ?? "∅"))));

    // Without random numbers, so that the bytes depend on nothing but the writer.
    private static RecordBatch Known(int from, int rows)
    {
        var builder = new RecordBatchBuilder(AllForms);
        for (var row = from; row < from + rows; row++)
        {
            if (row % 11 == 4)
            {
                for (var i = 0; i < AllForms.Count; i++) builder[i].AppendNull();
                continue;
            }

            ((NumberColumnBuilder)builder[0]).Append(row / 8.0);
            ((IntegerColumnBuilder)builder[1]).Append(long.MaxValue - row);
            ((BooleanColumnBuilder)builder[2]).Append(row % 3 == 0);
            ((TextColumnBuilder)builder[3]).Append($"grün {row / 50}");
            ((TimestampColumnBuilder)builder[4]).Append(DateTime.UnixEpoch.AddMinutes(row - 100));
            ((VectorColumnBuilder)builder[5]).Append([row, 0.5f, -row]);
            ((TextColumnBuilder)builder[6]).Append($"text {row}");
        }

        return builder.Build();
    }

    private static RecordBatch Batch(int seed, int rows)
    {
        var random = new Random(seed);
        var builder = new RecordBatchBuilder(AllTypes);
        for (var row = 0; row < rows; row++)
        {
            if (random.Next(5) == 0)
            {
                for (var i = 0; i < AllTypes.Count; i++) builder[i].AppendNull();
                continue;
            }

            ((NumberColumnBuilder)builder[0]).Append(random.NextDouble());
            ((IntegerColumnBuilder)builder[1]).Append(random.NextInt64());
            ((BooleanColumnBuilder)builder[2]).Append(random.Next(2) == 0);
            ((TextColumnBuilder)builder[3]).Append(random.Next(3) == 0 ? "" : $"grüße {random.Next(9)}");
            ((TimestampColumnBuilder)builder[4]).Append(DateTime.UnixEpoch.AddSeconds(random.Next()));
            ((VectorColumnBuilder)builder[5]).Append([random.NextSingle(), 1, 2]);
        }

        return builder.Build();
    }
}
