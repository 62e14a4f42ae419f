using System.Globalization;
using System.IO.Compression;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>CSV in other encodings, cultures and containers, and without a header.</summary>
public sealed class CsvTextTests : IDisposable
{
    private static readonly ColumnType[] TextIntegerNumber = [ColumnType.Text, ColumnType.Integer, ColumnType.Number];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task ReadAsync_WithoutHeader_NumbersTheColumnsAndKeepsTheFirstRow()
    {
        var data = await ReadAsync("a,1\nb,2\n"u8.ToArray(), csv => csv.HasHeader = false);

        Assert.That(data.Schema, Is.EqualTo(new Schema(new Field("column1", ColumnType.Text), new Field("column2", ColumnType.Integer))));
        Assert.That(Rows(data), Is.EqualTo(new[] { "a|1", "b|2" }));
    }

    [Test]
    public async Task ReadAsync_WithoutHeaderWithSchema_NamesTheColumnsInItsOrder()
    {
        var data = await ReadAsync("a,1\nb,2\n"u8.ToArray(), csv =>
        {
            csv.HasHeader = false;
            csv.Schema = new Schema(new Field("name", ColumnType.Text), new Field("count", ColumnType.Number));
        });

        Assert.That(data.Schema.Select(field => field.Name), Is.EqualTo(new[] { "name", "count" }));
        Assert.That(Rows(data), Is.EqualTo(new[] { "a|1", "b|2" }));
        await Assert.ThatAsync(
            () => ReadAsync(
                "a\nb\n"u8.ToArray(),
                csv => (csv.HasHeader, csv.Schema) = (false, new Schema(new Field("x", ColumnType.Text), new Field("y", ColumnType.Text)))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("1 field where the schema has 2").And.Property("Line").EqualTo(1));
    }

    [TestCase("utf-8", true)]
    [TestCase("utf-16", true)]
    [TestCase("utf-16BE", true)]
    [TestCase("utf-32", true)]
    [TestCase("utf-32BE", true)]
    [TestCase("utf-16", false)]
    [TestCase("iso-8859-1", false)]
    public async Task ReadAsync_OtherEncoding_GivesTheSameRows(string name, bool hasMark)
    {
        var text = new StringBuilder("näme,n\n");
        for (var i = 0; i < 20_000; i++) text.Append(CultureInfo.InvariantCulture, $"é{i % 7},{i}\n");
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text.ToString())];

        var data = await ReadAsync(bytes, csv => csv.Encoding = hasMark ? null : encoding);

        Assert.That(data.Schema[0].Name, Is.EqualTo("näme"));
        Assert.That(data.RowCount, Is.EqualTo(20_000));
        for (var i = 0; i < 20_000; i++)
        {
            if (data["näme"].GetText(i) != $"é{i % 7}" || data["n"].GetNumber(i) != i) Assert.Fail($"row {i}");
        }
    }

    [Test]
    public async Task ReadAsync_CharactersOfSeveralUnitsAcrossBuffers_AreWhole()
    {
        var text = "a,b\nx," + string.Concat(Enumerable.Repeat("😀é", 30_001)) + "\n";

        var data = await ReadAsync([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)]);

        Assert.That(data["b"].GetText(0), Is.EqualTo(text[6..^1]));
    }

    [TestCase("us-ascii")]
    [TestCase("utf-16")]
    public async Task ReadAsync_BytesThatNoCharacterStandsFor_NamesLineAndColumn(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] undecodable = name == "utf-16" ? [0x00, 0xD8] : [0xFF];
        byte[] bytes = [.. encoding.GetBytes("a,b\n1,x\n2,"), .. undecodable, .. encoding.GetBytes("\n")];

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => ReadAsync(bytes, csv => csv.Encoding = encoding));

        Assert.That((failure!.Line, failure.Column), Is.EqualTo((3L, "b")));
        Assert.That(failure.Problem, Does.Contain("not valid in the encoding"));
    }

    [Test]
    public async Task ReadAsync_DecimalCommasAndDates_AreReadInTheCulture()
    {
        var data = await ReadAsync(
            """
            code;n;m;date;time;iso
            007;1.234;-1.234,5;31.12.2024;31.12.2024 23:59;2024-12-31
            008;7;0,25;01.02.2025;01.02.2025 10:00;2025-02-01

            """u8.ToArray(),
            csv => (csv.Delimiter, csv.Culture) = (';', German()));

        Assert.That(
            data.Schema.Select(field => field.Type),
            Is.EqualTo([.. TextIntegerNumber, .. Enumerable.Repeat(ColumnType.Timestamp, 3)]));
        Assert.That(Rows(data), Is.EqualTo(new[]
        {
            "007|1234|-1234.5|2024-12-31T00:00:00.0000000Z|2024-12-31T23:59:00.0000000Z|2024-12-31T00:00:00.0000000Z",
            "008|7|0.25|2025-02-01T00:00:00.0000000Z|2025-02-01T10:00:00.0000000Z|2025-02-01T00:00:00.0000000Z",
        }));
    }

    [TestCase("1.23")]
    [TestCase("1.2345")]
    [TestCase("1234.567")]
    [TestCase("1.234.56")]
    [TestCase("1..234")]
    [TestCase(".123")]
    [TestCase("1,5,5")]
    [TestCase("1,234.567")]
    [TestCase("-")]
    [TestCase(",")]
    public async Task ReadAsync_PointsThatAreNoGroups_AreNotRemoved(string value)
    {
        var data = await ReadAsync(Encoding.UTF8.GetBytes($"a;b\n{value};x\n"), csv => (csv.Delimiter, csv.Culture) = (';', German()));

        Assert.That((data.Schema[0].Type, data["a"].GetText(0)), Is.EqualTo((ColumnType.Text, value)));
    }

    [Test]
    public async Task ReadAsync_GivenDateFormats_AreReadAndNoOthers()
    {
        var data = await ReadAsync("a,b,c\n20240131,2024-03-04,2024-03-04\n20240201,2024-05-06,x\n"u8.ToArray(), csv =>
        {
            csv.DateFormats.Add("yyyyMMdd");
            csv.DateFormats.Add("yyyy-dd-MM");
            csv.Schema = new Schema(new Field("a", ColumnType.Timestamp), new Field("b", ColumnType.Timestamp));
        });

        Assert.That(data["a"].GetText(0), Does.StartWith("2024-01-31"));
        Assert.That(data["b"].GetText(0), Does.StartWith("2024-04-03"));
        await Assert.ThatAsync(
            () => ReadAsync("a\n2024-01-31\n"u8.ToArray(), csv =>
            {
                csv.DateFormats.Add("yyyyMMdd");
                csv.Schema = new Schema(new Field("a", ColumnType.Timestamp));
            }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("date formats").And.Property("Line").EqualTo(2));
    }

    [Test]
    public async Task OpenAsync_DatesOfDigits_AreDatesWhereAllValuesAre()
    {
        var data = await ReadAsync("a,b,c\n20240131,20240131,5\n20240201,20240299,7\n"u8.ToArray(), csv => csv.DateFormats.Add("yyyyMMdd"));

        Assert.That(
            data.Schema.Select(field => field.Type),
            Is.EqualTo(new[] { ColumnType.Timestamp, ColumnType.Integer, ColumnType.Integer }));
    }

    [Test]
    public async Task Version_CultureAndHeader_ArePartOfIt()
    {
        var path = _folder.Write("v.csv", "1,5\n2,6\n");
        var versions = new List<string>();
        foreach (var configure in new Action<CsvOptions>[]
        {
            _ => { },
            csv => csv.HasHeader = false,
            csv => csv.Culture = German(),
            csv => csv.DateFormats.Add("yyyy")
        })
        {
            await using var scan = await DataSources.Csv(path, configure).OpenAsync(ReadRequest.All);
            versions.Add(scan.Version!.Value);
        }

        Assert.That(versions, Is.Unique);
    }

    [TestCase("x.csv")]
    [TestCase("x.csv.gz")]
    public async Task ReadAsync_Gzip_IsKnownByItsBytes(string name)
    {
        var text = new StringBuilder("a,b\n");
        for (var i = 0; i < 30_000; i++) text.Append(CultureInfo.InvariantCulture, $"{i},x{i * 7919 % 10007}\n");
        var plain = Encoding.UTF8.GetBytes(text.ToString());
        byte[] members = [.. Gzip(plain[..100_000]), .. Gzip(plain[100_000..])];

        foreach (var bytes in new[] { Gzip(plain), members })
        {
            await using var scan = await DataSources.Csv(_folder.Write(name, bytes)).OpenAsync(ReadRequest.All);
            await using var same = await DataSources.Csv(_folder.Write("plain.csv", plain)).OpenAsync(ReadRequest.All);
            var data = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
            Assert.That((data.RowCount, data["a"].GetNumber(29_999)), Is.EqualTo((30_000, 29_999d)));
            Assert.That(scan.Version, Is.EqualTo(same.Version), "the content is the same, compressed or not");
        }
    }

    [Test]
    public async Task ReadAsync_GzipOfUtf16_IsRead()
    {
        var data = await ReadAsync(Gzip([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("ä\n1\n")]));

        Assert.That((data.Schema[0].Name, data.RowCount), Is.EqualTo(("ä", 1)));
    }

    [Test]
    public async Task ReadAsync_GzipCutOffAnywhereOrDamaged_SaysSo()
    {
        var random = new Random(5);
        var text = string.Concat(Enumerable.Range(0, 300).Select(i => $"{i},{random.Next()}\n"));
        var whole = Gzip(Encoding.UTF8.GetBytes("a,b\n" + text));
        Assert.That((await ReadAsync(whole)).RowCount, Is.EqualTo(300));
        for (var length = 2; length < whole.Length; length += length < whole.Length - 40 ? 37 : 1)
        {
            var cut = whole[..length];
            await Assert.ThatAsync(
                () => ReadAsync(cut),
                Throws.TypeOf<MlOpsException>().With.Property("DataSource").EqualTo("x.csv"),
                $"{length} of {whole.Length} bytes");
        }

        whole[^6] ^= 1;
        await Assert.ThatAsync(
            () => ReadAsync(whole), Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged"), "the checksum is wrong");
    }

    [Test]
    public async Task ReadAsync_GzipThatBlowsUp_TakesTimeAndNoMemory()
    {
        var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("a,b\n1,2\n"u8);
            var lines = new byte[1 << 20];
            lines.AsSpan().Fill((byte)'\n');
            for (var i = 0; i < LongForm.Of(many: 300, few: 40); i++) gzip.Write(lines);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var path = _folder.Write("bomb.csv", to.ToArray());
        var format = new CsvFormat(new CsvOptions());
        var inspection = FileInspection.Run(new TextFile(new PathContent(path), "bomb.csv"), format, ReadRequest.All, default);

        Assert.That(inspection.Records, Is.EqualTo(1));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(16 << 20), "the text is some times as large");
        await Task.CompletedTask;
    }

    [Test]
    [NonParallelizable] // It counts what the whole process allocates.
    public async Task ReadAllAsync_ManyColumnsAndFewRows_TakesMemoryForItsValues()
    {
        const int columns = 20_000;
        var header = string.Join(',', Enumerable.Range(0, columns).Select(i => $"c{i}"));
        var values = string.Join(',', Enumerable.Range(0, columns).Select(i => i % 2 == 0 ? "x" : "2"));
        var source = DataSources.Csv(_folder.Write("wide.csv", $"{header}\n{values}\n{values}\n"));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var rows = await source.ReadAllAsync();

        Assert.That((rows.RowCount, rows.Columns.Count), Is.EqualTo((2, columns)));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(150L << 20), "64 kB for each column are 1.3 GB");
    }

    [TestCase(2, 8_192)]
    [TestCase(256, 8_192)]
    [TestCase(257, 8_160)]
    [TestCase(20_000, 104)]
    [TestCase(3_000_000, 1)]
    public void RowsOf_Columns_BoundsTheValuesOfABatch(int columns, int expected) =>
        Assert.That(
            ReadRequest.All.RowsOf(new Schema(new Field("v", ColumnType.Vector, columns - 1), new Field("n", ColumnType.Number))),
            Is.EqualTo(expected));

    [TestCase(true)]
    [TestCase(false)]
    public async Task OpenAsync_MoreColumnsThanATableHas_IsRefused(bool hasHeader)
    {
        var line = string.Join(',', Enumerable.Range(0, 100_001).Select(i => $"c{i}"));
        var source = DataSources.Csv(_folder.Write("wide.csv", $"{line}\n{line}\n"), csv => csv.HasHeader = hasHeader);

        await Assert.ThatAsync(
            () => source.ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("100,001 columns, more than 100,000").And.Property("Remedy").Not.Empty);
    }

    [Test]
    public void FromCsv_BadOptions_FailAtTheCall()
    {
        Assert.That(() => DataSources.Csv("x.csv", csv => csv.Culture = null!), Throws.TypeOf<MlOpsException>());
        Assert.That(() => DataSources.Csv("x.csv", csv => csv.DateFormats.Add(" ")), Throws.TypeOf<MlOpsException>());
    }

    private static CultureInfo German()
    {
        // The tests run without the cultures of the system.
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NumberGroupSeparator) = (",", ".");
        (german.DateTimeFormat.ShortDatePattern, german.DateTimeFormat.ShortTimePattern) = ("dd.MM.yyyy", "HH:mm");
        return german;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest)) gzip.Write(bytes);
        return to.ToArray();
    }

    private static string[] Rows(Dataset data) =>
    [
        .. Enumerable.Range(0, data.RowCount).Select(row => string.Join('|', data.Columns.Select(column => column.GetText(row))))
    ];

    private Task<Dataset> ReadAsync(byte[] bytes, Action<CsvOptions>? configure = null) =>
        DataSources.Csv(_folder.Write("x.csv", bytes), configure).ReadAllAsync();
}
