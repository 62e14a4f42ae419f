using System.Diagnostics;
using MlOps.Sdk.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>Files that are damaged, cut off, or something else.</summary>
[TestFixture]
public sealed class DamagedFilesTests : ParquetFixture
{
    // What a file of 20 KB may take at most.
    private const long MaxAllocated = 300_000_000;

    [TestCase("")]
    [TestCase("PAR1")]
    [TestCase("id,name\n1,x\n2,y\n")]
    [TestCase("PAR1PAR1PAR1")]
    [TestCase("PAR1\0\0\0\0PAR1")]
    [TestCase("PAR1\u007F\u007F\u007F\u007FPAR1")]
    [TestCase("PAR1\0\0\0\0PARE")]
    public void OpenAsync_NoParquetFile_SaysSo(string content)
    {
        var path = Folder.Write("other.parquet", content);

        Assert.That(
            async () => await DataSources.Parquet(path).OpenAsync(ReadRequest.All),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Parquet file").And.Message.Contains("other.parquet"));
    }

    [Test]
    public void OpenAsync_NoFile_SaysSo() => Assert.That(
        async () => await DataSources.Parquet(Folder["none.parquet"]).OpenAsync(ReadRequest.All),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("does not exist"));

    [Test]
    public async Task OpenAsync_CutOffAnywhere_SaysSo()
    {
        var bytes = await SampleAsync("snappy");
        for (var length = 0; length < bytes.Length; length += 1 + bytes.Length / LongForm.Of(2000, 150))
        {
            var path = Folder.Write("cut.parquet", bytes[..length]);
            Assert.That(
                async () => await Tables.ReadAsync(DataSources.Parquet(path)),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("cut.parquet"),
                $"{length} bytes");
        }
    }

    [Test]
    public async Task ReadAsync_FileReplacedInBetween_SaysSo()
    {
        var path = Folder.Write("rows.parquet", await SampleAsync("snappy"));
        await using var scan = await DataSources.Parquet(path).OpenAsync(ReadRequest.All);
        Folder.Write("rows.parquet", [.. await File.ReadAllBytesAsync(path), 0]);

        Assert.That(
            async () => await Data.Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("changed"));
    }

    // Any byte, several bytes, pieces doubled or gone: a clear failure or a table, soon, and in little memory.
    [TestCase("ours snappy", 1)]
    [TestCase("ours zstd", 2)]
    [TestCase("snappy", 3)]
    [TestCase("zstd", 4)]
    [TestCase("gzip", 5)]
    [TestCase("brotli", 6)]
    [TestCase("lz4_raw", 7)]
    [TestCase("uncompressed", 8)]
    public async Task ReadAsync_MutatedFiles_FailClearlyOrGiveATable(string kind, int seed)
    {
        var bytes = await SampleAsync(kind);
        var random = new Random(seed);
        var (read, failed) = (0, 0);
        for (var round = 0; round < LongForm.Of(2_500, 150); round++)
        {
            var mutated = Mutate(bytes, random);
            var path = Folder.Write("mutated.parquet", mutated);
            var before = GC.GetTotalAllocatedBytes();
            var clock = Stopwatch.StartNew();
            try
            {
                var table = await Tables.ReadAsync(DataSources.Parquet(path));
                _ = Tables.Of(table);
                read++;
            }
            catch (MlOpsException e)
            {
                Assert.That(e.Message, Does.Contain("mutated.parquet"));
                failed++;
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.Fail($"round {round}: {e}");
            }

            Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(MaxAllocated), $"round {round}");
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)), $"round {round}");
        }

        Assert.That(failed, Is.GreaterThan(read / 10));
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var copy = bytes.ToArray();

        // The description at the end decides most.
        int At() => random.Next(2) == 0 ? random.Next(copy.Length) : copy.Length - 1 - random.Next(Math.Min(copy.Length, 2500));
        switch (random.Next(5))
        {
            case 0:
                copy[At()] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                copy[At()] = (byte)random.Next(256);
                break;
            case 2:
                for (var i = random.Next(2, 12); i > 0; i--) copy[At()] = (byte)random.Next(256);
                break;
            case 3:
                random.NextBytes(copy.AsSpan(At()) is var rest ? rest[..Math.Min(rest.Length, random.Next(1, 40))] : default);
                break;
            default:
                var from = At();
                var length = Math.Min(random.Next(1, 30), copy.Length - from);
                copy = random.Next(2) == 0
                    ? [.. copy[..from], .. copy[(from + length)..]]
                    : [.. copy[..(from + length)], .. copy[from..]];
                break;
        }

        return copy;
    }

    private async Task<byte[]> SampleAsync(string kind)
    {
        var path = Folder[$"{kind}.parquet"];
        if (kind.StartsWith("ours", StringComparison.Ordinal))
        {
            await Tables.Edges(120).WriteToAsync(DataSinks.Parquet(path, options =>
            {
                options.RowGroupRows = 50;
                options.Compression = kind.EndsWith("zstd", StringComparison.Ordinal) ? ParquetCompression.Zstd : ParquetCompression.Snappy;
            }));
        }
        else
        {
            var version = kind is "zstd" or "uncompressed" ? ", PARQUET_VERSION v2" : "";
            Duck.Run($"""
                COPY (SELECT i, i / 7.0 AS number, i % 2 = 0 AS flag, CASE WHEN i % 5 = 0 THEN NULL ELSE 'text ' || i % 9 END AS text,
                    md5(i::VARCHAR) AS hash, (i * 1.01)::DECIMAL(30, 2) AS price, TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS moment,
                    [i, 2, 3]::FLOAT[] AS place FROM range(120) t(i))
                TO '{path}' (FORMAT parquet, CODEC '{kind}', ROW_GROUP_SIZE 64{version})
                """);
        }

        return await File.ReadAllBytesAsync(path);
    }
}
