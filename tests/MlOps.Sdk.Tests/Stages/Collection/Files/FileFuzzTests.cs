using System.IO.Compression;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>
/// Whatever stands in a file, it is read or refused with a description, in bounded time and memory, and every
/// record of it is accounted for.
/// </summary>
[TestFixture]
public sealed class FileFuzzTests : IDisposable
{
    private static readonly int Mutations = LongForm.Of(many: 10_000, few: 1_000);

    // A file of some hundred bytes takes the buffers, and no more.
    private const long MostBytes = 4 << 20;

    private static readonly Schema Columns = new(
        new Field("id", ColumnType.Integer),
        new Field("name", ColumnType.Text),
        new Field("when", ColumnType.Timestamp),
        new Field("amount", ColumnType.Number));
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Csv_AnyMutation_ReadsOrFailsWithADescription()
    {
        var good = "id,name,when,amount\n1,\"a, \"\"b\"\"\",2024-01-01,1.5\n2,ü,2024-01-02T10:00:00Z,\n3,\"x\ny\",,2e5\n"u8.ToArray();
        byte[] alphabet = [.. ",\"\n\r\t1-.e;"u8, 0, 0xFF, 0xFE, 0xC3, 0xEF, 0x1F, 0x8B];

        await FuzzAsync(good, alphabet, 11, Csv(), Csv(Columns));
    }

    [Test]
    public async Task JsonLines_AnyMutation_ReadsOrFailsWithADescription()
    {
        var good = """
            {"id":1,"name":"a \"b\"","when":"2024-01-01","amount":1.5}
            {"id":2,"name":"\u00fc\ud83d\ude00","o":{"x":[1,{}],"y":null}}

            {"id":3,"amount":2e5,"flag":true}

            """u8.ToArray();
        byte[] alphabet = [.. "{}[]\",:\\\n\ru0de1-.tn "u8, 0, 0xFF, 0xFE, 0xC3, 0xEF, 0x1F, 0x8B];

        await FuzzAsync(good, alphabet, 12, JsonLines(), JsonLines(Columns));
    }

    [Test]
    public async Task Gzip_AnyMutation_ReadsOrFailsWithADescription()
    {
        var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.SmallestSize))
        {
            gzip.Write("id,name\n1,x\n2,y\n3,zzzzzzzzzzzzzzzzzzzzzzzzzzz\n"u8);
        }
        var good = to.ToArray();
        var random = new Random(13);
        var failures = 0;
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = good.ToList();
            bytes[random.Next(2, bytes.Count)] = (byte)random.Next(256);
            if (random.Next(3) == 0) bytes.RemoveRange(random.Next(2, bytes.Count), 1);
            if (await FailsAsync([.. bytes], Csv(), MalformedRows.Fail) is not null) failures++;
        }

        Assert.That(failures, Is.InRange(1_500, 1_999), "some bytes of the head do not matter");
    }

    private static CsvFormat Csv(Schema? schema = null) => new(new CsvOptions { Schema = schema });

    private static JsonLinesFormat JsonLines(Schema? schema = null) => new(new JsonLinesOptions { Schema = schema });

    private async Task FuzzAsync(byte[] good, byte[] alphabet, int seed, params IRecordFormat[] formats)
    {
        var random = new Random(seed);
        var failures = new int[3];
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = Mutate(good, alphabet, random);
            var treatment = (MalformedRows)(i % 3);
            if (await FailsAsync(bytes, formats[random.Next(formats.Length)], treatment) is not null) failures[(int)treatment]++;
        }

        Assert.That(
            failures[(int)MalformedRows.Fail],
            Is.InRange(Mutations / 3 / 5, Mutations / 3 * 97 / 100),
            "the mutations hit something, and not always");
        Assert.That(
            failures[(int)MalformedRows.Quarantine],
            Is.InRange(0, failures[(int)MalformedRows.Fail] - 1),
            "fewer files fail when their rows are kept aside");
        Assert.That(failures[(int)MalformedRows.Null], Is.InRange(0, failures[(int)MalformedRows.Fail] - 1));
    }

    private static byte[] Mutate(byte[] good, byte[] alphabet, Random random)
    {
        var bytes = new List<byte>(good);
        for (var change = random.Next(1, 7); change > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = alphabet[random.Next(alphabet.Length)]; break;
                case 1: bytes.Insert(at, alphabet[random.Next(alphabet.Length)]); break;
                case 2: bytes[at] = (byte)random.Next(256); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, random.Next(Math.Min(40, bytes.Count - at)))); break;
                case 4 when bytes.Count > 60: bytes.RemoveRange(at, random.Next(Math.Min(8, bytes.Count - at))); break;
                default: bytes.RemoveAt(at); break;
            }
        }

        return [.. bytes];
    }

    private async Task<MlOpsException?> FailsAsync(byte[] bytes, IRecordFormat format, MalformedRows treatment)
    {
        var path = _folder.Write("x", bytes);
        var request = new ReadRequest { Malformed = treatment, BatchSize = 2 };
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            CheckMemory(path, format, request);
            await using var scan = await new FileSource(path, format).OpenAsync(request, stop.Token);
            var mark = FileWatermark.Parse(scan.Watermark!, "x");
            long rows = 0, lost = 0;
            await foreach (var batch in scan.ReadAsync(null, stop.Token))
            {
                rows += batch.RowCount;
                lost += scan.TakeMalformed().Count(row => !row.IsKept);
            }

            lost += scan.TakeMalformed().Count(row => !row.IsKept);
            Assert.That(rows + lost, Is.EqualTo(mark.Records), "every record is delivered or kept aside");
            return null;
        }
        catch (MlOpsException e)
        {
            Assert.That(e.Remedy, Is.Not.Null.And.Not.Empty);
            Assert.That(e.DataSource, Is.EqualTo("x"));
            return e;
        }
        catch (Exception e) when (e is not AssertionException)
        {
            throw new AssertionException($"{treatment}: {Convert.ToBase64String(bytes)}", e);
        }
    }

    // On this thread alone: what other tests take does not count.
    private static void CheckMemory(string path, IRecordFormat format, ReadRequest request)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            FileInspection.Run(new TextFile(new PathContent(path), "x"), format, request, default);
        }
        finally
        {
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(MostBytes));
        }
    }
}
