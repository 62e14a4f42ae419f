using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

public sealed class SnapshotTests
{
    private static readonly Schema AllTypes = new(
        new Field("n", ColumnType.Number),
        new Field("i", ColumnType.Integer),
        new Field("b", ColumnType.Boolean),
        new Field("t", ColumnType.Text),
        new Field("at", ColumnType.Timestamp),
        new Field("v", ColumnType.Vector, 3));

    [Test]
    public async Task ReadAsync_WhatWasWritten_IsEqual()
    {
        var batches = new[] { Batch(1, 200), Batch(2, 1), Batch(3, 64) };
        var reader = await SnapshotReader.OpenAsync(new MemoryStream(await WriteAsync(batches)), "test");
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

    [Test]
    public async Task ReadAsync_NoRows_HasSchema()
    {
        var reader = await SnapshotReader.OpenAsync(new MemoryStream(await WriteAsync([])), "test");
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
    public async Task ReadAsync_AnyByteChanged_SaysDamaged()
    {
        var bytes = await WriteAsync([Batch(1, 12), Batch(2, 3)]);
        var random = new Random(3);
        for (var i = 0; i < 3_000; i++)
        {
            var mutated = (byte[])bytes.Clone();
            mutated[random.Next(mutated.Length)] ^= (byte)random.Next(1, 256);
            Assert.That(await FailureAsync(mutated), Is.TypeOf<MlOpsException>());
        }
    }

    [Test]
    public async Task ReadAsync_BytesBehindTheEnd_SaysDamaged()
    {
        var bytes = await WriteAsync([Batch(1, 2)]);
        Assert.That(await FailureAsync([.. bytes, 0]), Has.Message.Contains("behind its end"));
    }

    // A checksum proves nothing against somebody who can compute it: the content is checked too.
    [Test]
    public async Task ReadAsync_ChangedBytesWithValidChecksum_SaysDamagedOrReads()
    {
        var bytes = await WriteAsync([Batch(1, 12)]);
        var random = new Random(4);
        var schemaEnd = 8 + 5 + BitConverter.ToInt32(bytes, 9) + 16;
        var refused = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var mutated = (byte[])bytes.Clone();
            var start = i % 3 == 0 ? 8 : schemaEnd;
            var length = 5 + BitConverter.ToInt32(mutated, start + 1);
            mutated[start + 5 + random.Next(length - 5)] = (byte)(random.Next(3) == 0 ? 255 : random.Next(256));
            var (first, second) = SipHash128.Compute(mutated.AsSpan(start, length));
            BitConverter.TryWriteBytes(mutated.AsSpan(start + length), first);
            BitConverter.TryWriteBytes(mutated.AsSpan(start + length + 8), second);
            if (await FailureAsync(mutated) is { } failure)
            {
                refused++;
                Assert.That(failure, Is.TypeOf<MlOpsException>(), failure.ToString());
            }
        }

        Assert.That(refused, Is.GreaterThan(100));
    }

    [Test]
    public async Task OpenAsync_LengthThatLies_TakesNoMemoryForIt()
    {
        byte[] bytes = [.. "MLSNAP\x00\x01"u8, 1, .. BitConverter.GetBytes(0x6FFF_FFFF), 1, 2, 3];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(await FailureAsync(bytes), Has.Message.Contains("ends too early"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
    }

    [Test]
    public async Task OpenAsync_NewerVersion_SaysSo()
    {
        var bytes = await WriteAsync([]);
        bytes[7] = 9;
        Assert.That(await FailureAsync(bytes), Has.Message.Contains("version 9"));
    }

    private static async Task<byte[]> WriteAsync(IEnumerable<RecordBatch> batches)
    {
        var stream = new MemoryStream();
        var writer = new SnapshotWriter(stream);
        await writer.BeginAsync(AllTypes);
        foreach (var batch in batches) await writer.WriteAsync(batch);
        await writer.CompleteAsync();
        return stream.ToArray();
    }

    private static async Task<MlOpsException?> FailureAsync(byte[] bytes)
    {
        try
        {
            await ToListAsync(await SnapshotReader.OpenAsync(new MemoryStream(bytes), "test"));
            return null;
        }
        catch (MlOpsException e)
        {
            return e;
        }
    }

    private static async Task<List<RecordBatch>> ToListAsync(SnapshotReader reader)
    {
        var batches = new List<RecordBatch>();
        await foreach (var batch in reader.ReadAsync()) batches.Add(batch);
        return batches;
    }

    private static string Show(RecordBatch batch) => string.Join('\n', Enumerable.Range(0, batch.RowCount).Select(row => string.Join('|', batch.Columns.Select(column => column.GetText(row) ?? "∅"))));

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
