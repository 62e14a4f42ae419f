using System.Diagnostics;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection.Files;

/// <summary>
/// Files as other programs, editors and accidents leave them: read rightly, or with an error or a note that names the cause.
/// </summary>
internal sealed class WildFileTests : IDisposable
{
    private static readonly string Mark = "\uFEFF";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("utf-16", "UTF-16 without", "Encoding.Unicode")]
    [TestCase("utf-16BE", "UTF-16 (big-endian)", "Encoding.BigEndianUnicode")]
    [TestCase("utf-32", "UTF-32 without", "Encoding.UTF32")]
    [TestCase("utf-32BE", "UTF-32 (big-endian)", "new UTF32Encoding(bigEndian: true")]
    public async Task OpenAsync_WideTextWithoutAMark_NamesTheEncoding(string encoding, string looks, string option)
    {
        var wide = Encoding.GetEncoding(encoding);
        var csv = _folder.Write("wide.csv", wide.GetBytes("amount,y\n1,Yes\n2,Nö"));
        var json = _folder.Write("wide.jsonl", wide.GetBytes("{\"amount\":1}\n{\"amount\":2}\n"));

        var latin = DataSources.Csv(csv, o => o.Encoding = Encoding.Latin1);
        foreach (var source in new[] { DataSources.Csv(csv), DataSources.JsonLines(json), latin })
        {
            await Assert.ThatAsync(
                () => source.ReadAllAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains(looks).And.Message.Contains(option));
        }
        Assert.That(await ReadAsync(DataSources.Csv(csv, o => o.Encoding = wide)), Is.EqualTo(new[] { "1|Yes", "2|Nö" }));
        Assert.That(await ReadAsync(DataSources.JsonLines(json, o => o.Encoding = wide)), Is.EqualTo(new[] { "1", "2" }));
    }

    [TestCase("utf-8", 1)]
    [TestCase("utf-8", 2)]
    [TestCase("utf-8", 5)]
    [TestCase("utf-16", 2)]
    [TestCase("utf-16BE", 3)]
    [TestCase("utf-32", 2)]
    public async Task ReadAllAsync_AnyNumberOfMarksAtTheBeginning_AreNoPartOfTheText(string encoding, int count)
    {
        var marks = string.Concat(Enumerable.Repeat(Mark, count));
        var csv = _folder.Write("x.csv", Encoding.GetEncoding(encoding).GetBytes($"{marks}id,b\n1,x\n"));
        var json = _folder.Write("x.jsonl", Encoding.GetEncoding(encoding).GetBytes($"{marks}{{\"id\":1}}\n"));
        var packed = _folder.Write("x.csv.gz", Packed(Encoding.GetEncoding(encoding).GetBytes($"{marks}id,b\n1,x\n")));

        Assert.That((await DataSources.Csv(csv).ReadAllAsync()).Schema[0].Name, Is.EqualTo("id"));
        Assert.That((await DataSources.Csv(packed).ReadAllAsync()).Schema[0].Name, Is.EqualTo("id"));
        Assert.That((await DataSources.JsonLines(json).ReadAllAsync()).Schema[0], Is.EqualTo(new Field("id", ColumnType.Integer)));
    }

    [Test]
    public async Task OpenAsync_FilesPutTogetherWithTheirMarks_AreReadAndNoted()
    {
        var csv = DataSources.Csv(_folder.Write("x.csv", $"id,b\n1,x\n{Mark}2,y\n3,z\n{Mark}4,w\n"));
        var json = DataSources.JsonLines(_folder.Write("x.jsonl", $"{{\"id\":1}}\n{Mark}{{\"id\":2}}\n"));

        Assert.That(await ReadAsync(csv), Is.EqualTo(new[] { "1|x", "2|y", "3|z", "4|w" }));
        Assert.That(await ReadAsync(json), Is.EqualTo(new[] { "1", "2" }));
        await using var scan = await csv.OpenAsync(ReadRequest.All);
        Assert.That(scan.Schema[0].Type, Is.EqualTo(ColumnType.Integer));
        Assert.That(scan.Notes, Has.One.Contains("byte order mark within the text, in line 3 and 1 more"));
    }

    [Test]
    public async Task OpenAsync_AMarkBeforeAQuote_IsAMalformedRow() => await Assert.ThatAsync(
        () => DataSources.Csv(_folder.Write("x.csv", $"id,b\n1,x\n{Mark}\"2\",y\n")).ReadAllAsync(),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("byte order mark").And.Property("Line").EqualTo(3));

    [TestCase("id,y\n1,Yes\nid,y\n2,No\n", 3)]
    [TestCase("\"id\",\"y\"\n1,Yes\n\"id\",y\n2,No\n", 3)]
    [TestCase("id,y\n1,Yes\n\uFEFFid,y\n2,No\n", 3)]
    [TestCase("sep=,\nid,y\n1,Yes\nid,y\n2,No\n", 4)]
    public async Task OpenAsync_HeaderIsRepeated_SaysSo(string text, int line)
    {
        var path = _folder.Write("x.csv", text);

        await Assert.ThatAsync(
            () => DataSources.Csv(path).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("repeats the header").And.Property("Line").EqualTo(line));
        await using var scan = await DataSources.Csv(path).OpenAsync(new ReadRequest { Malformed = MalformedRows.Quarantine });
        Assert.That(scan.Schema[0].Type, Is.EqualTo(ColumnType.Integer));
        var rows = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
        Assert.That((rows.RowCount, scan.TakeMalformed().Single().Line), Is.EqualTo((2, line)));
    }

    [Test]
    public async Task ReadAllAsync_OneColumn_AValueMayBeItsName() =>
        Assert.That(await ReadAsync(DataSources.Csv(_folder.Write("x.csv", "x\ny\nx\n"))), Is.EqualTo(new[] { "y", "x" }));

    [TestCase("sep=;\n", "")]
    [TestCase("SEP=;\r\n", "\uFEFF")]
    [TestCase("\"sep=;\"\n", "")]
    public async Task ReadAllAsync_SeparatorLine_SaysTheDelimiter(string line, string mark)
    {
        var path = _folder.Write("x.csv", $"{mark}{line}id;b\n1;\"x,y\"\n2;z\n");

        Assert.That(await ReadAsync(DataSources.Csv(path)), Is.EqualTo(new[] { "1|x,y", "2|z" }));
        await Assert.ThatAsync(
            () => DataSources.Csv(_folder.Write("y.csv", $"{line}id;b\n1\n")).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Property("Line").EqualTo(3));
    }

    [TestCase("sep=;x\n1\n", "sep=;x")]
    [TestCase("sep\n1\n", "sep")]
    [TestCase("se\n1\n", "se")]
    [TestCase("sep=;;\n1\n", "sep=;;")]
    public async Task ReadAllAsync_ANameLikeASeparatorLine_IsAName(string text, string name) =>
        Assert.That((await DataSources.Csv(_folder.Write("x.csv", text)).ReadAllAsync()).Schema[0].Name, Is.EqualTo(name));

    [TestCase("\u001A")]
    [TestCase("\u001A\r\n")]
    public async Task ReadAllAsync_CtrlZAtTheEnd_EndsTheText(string end)
    {
        Assert.That(await ReadAsync(DataSources.Csv(_folder.Write("x.csv", $"a,b\r\n1,2\r\n{end}"))), Is.EqualTo(new[] { "1|2" }));
        Assert.That(await ReadAsync(DataSources.Csv(_folder.Write("y.csv", $"a\r\n1\r\n{end}"))), Is.EqualTo(new[] { "1" }));
        Assert.That(await ReadAsync(DataSources.JsonLines(_folder.Write("x.jsonl", $"{{\"a\":1}}\r\n{end}"))), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task OpenAsync_ZeroBytesAtTheEnd_SayWhatHappened()
    {
        foreach (var source in new[]
        {
            DataSources.Csv(_folder.Write("x.csv", "a,b\n1,2\n" + new string('\0', 4096))),
            DataSources.Csv(_folder.Write("y.csv", "a\n1\n" + new string('\0', 4096))),
            DataSources.JsonLines(_folder.Write("x.jsonl", "{\"a\":1}\n" + new string('\0', 4096))),
        })
        {
            await Assert.ThatAsync(
                () => source.ReadAllAsync(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("4,096 zero bytes").And.Message.Contains("cut off"));
        }
    }

    [Test]
    [Platform(Exclude = "Win")]
    [CancelAfter(30_000)]
    public async Task OpenAsync_NamedPipe_SaysToWriteAFileFirst(CancellationToken cancellation)
    {
        var pipe = Path.Combine(_folder.Path, "pipe");
        using (var made = Process.Start("mkfifo", [pipe])) await made.WaitForExitAsync(cancellation);

        foreach (var source in new[] { DataSources.Csv(pipe), DataSources.JsonLines(pipe), DataSources.Arrow(pipe) })
        {
            await Assert.ThatAsync(
                async () => await source.OpenAsync(ReadRequest.All, cancellation),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("a pipe or a device").And.Message.Contains("file first"));
        }
    }

    [Test]
    [Platform(Exclude = "Win")]
    public async Task OpenAsync_LinksInAFolder_AreNamed()
    {
        Directory.CreateDirectory(_folder["in"]);
        var path = _folder.Write("in/a.csv", "x\n1\n2\n");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "in", "b.csv"), path);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "in", "notes.txt"), path);
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "in", "more"), _folder.Path);

        await using var scan = await Csvs("*.csv").OpenAsync(ReadRequest.All);
        await using var deep = await Csvs("**/*.csv").OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, Is.EqualTo(new[] { "in: links are not followed, and 'b.csv' was left out." }));
        Assert.That(deep.Notes, Is.EqualTo(new[] { "in: links are not followed, and 'b.csv', 'more' were left out." }));
        File.Delete(path);
        await Assert.ThatAsync(
            () => Csvs("*.csv").ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("links are not followed, and 'b.csv' was left out"));
    }

    [Test]
    [Platform("Linux")]
    public async Task OpenAsync_ExtensionInUpperCase_IsNamed()
    {
        Directory.CreateDirectory(_folder["in"]);
        _folder.Write("in/a.csv", "x\n1\n");
        _folder.Write("in/B.CSV", "x\n2\n");

        await using var scan = await Csvs("*.csv").OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, Is.EqualTo(new[] { "in: '*.csv' is matched with upper and lower case, and 'B.CSV' was left out." }));
    }

    private IDataSource Csvs(string glob) => DataSources.Folder(Path.Combine(_folder.Path, "in"), glob, path => DataSources.Csv(path));

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private static async Task<string[]> ReadAsync(IDataSource source)
    {
        var data = await source.ReadAllAsync();
        return [.. Enumerable.Range(0, data.RowCount).Select(row => string.Join('|', data.Columns.Select(column => column.GetText(row))))];
    }
}
