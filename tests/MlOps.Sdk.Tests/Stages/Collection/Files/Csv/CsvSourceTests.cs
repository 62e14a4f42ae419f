using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

public sealed class CsvSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Lines(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(i => line(i) + "\n"));

    [TestCase(1, "'at' is text because of 'unknown' in line 3")]
    [TestCase(5, "'at' is text because of 'unknown' in line 3 and 4 more")]
    [TestCase(400, "'at' is text because of 'unknown' in line 3 and 399 more")]
    public async Task OpenAsync_FewValuesAreNoDates_NotesThem(int count, string? says)
    {
        var lines = Enumerable.Range(1, 40).Select(i => $"2024-01-{1 + i % 28:00}").ToList();
        for (var i = 0; i < count; i++) lines.Insert(Math.Min(1 + 2 * i, lines.Count), "unknown");
        await using var scan = await DataSources.Csv(_folder.Write("x.csv", $"at\n{string.Join('\n', lines)}\n"))
            .OpenAsync(ReadRequest.All);

        Assert.That(scan.Schema["at"].Type, Is.EqualTo(ColumnType.Text));
        Assert.That(scan.Notes, says is null ? Is.Empty : Has.Count.EqualTo(1).And.One.Contains(says ?? ""));
    }

    [Test]
    public async Task OpenAsync_OneColumnThatHoldsAnotherDelimiter_IsNoted()
    {
        await using var scan = await DataSources.Csv(_folder.Write("x.csv", "a;b;c\n1;2;3\n")).OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes.Single(), Does.Contain("CsvOptions.Delimiter"));
    }

    [Test]
    public async Task OpenAsync_EveryType_IsInferred()
    {
        var data = await ReadAsync(
            "int,num,flag,at,text,code,big,zero_one,empty,mixed\n" +
            "1,1.5,true,2024-01-01,a,007,12345678901234567890,0,,1\n" +
            "-2,1e3,FALSE,2024-01-01T12:00:00Z,b,8,1,1,,x\n");
        Assert.That(data.Schema.Select(field => field.Type), Is.EqualTo(new[]
        {
            ColumnType.Integer, ColumnType.Number, ColumnType.Boolean, ColumnType.Timestamp, ColumnType.Text,
            ColumnType.Text, ColumnType.Text, ColumnType.Integer, ColumnType.Text, ColumnType.Text,
        }));
        Assert.That(
            data.Columns.Select(column => column.GetText(1)),
            Is.EqualTo(new[] { "-2", "1000", "false", "2024-01-01T12:00:00.0000000Z", "b", "8", "1", "1", null, "x" }));
    }

    [TestCase("NA", 2, "column 'a' is text because of 'NA' in line 5 and 1 more")]
    [TestCase("?", 1, "column 'a' is text because of '?' in line 5;")]
    [TestCase("NA", 60, "column 'a' is text because of 'NA' in line 5 and 59 more")]
    [TestCase("NA", 600, "column 'a' is text because of 'NA' in line 5 and 599 more")]
    [TestCase("absent", 600, "column 'a' is text because of 'absent' in line 5 and 599 more")]
    public async Task OpenAsync_FewValuesAreNoNumbers_NotesThem(string token, int count, string? says)
    {
        var lines = Enumerable.Range(0, 60).Select(i => $"{i}.5,x{i}").ToList();
        for (var i = 0; i < count; i++) lines.Insert(3 + i, $"{token},y");
        var path = _folder.Write("strays.csv", "a,b\n" + string.Join('\n', lines) + "\n");

        await using var scan = await DataSources.Csv(path).OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, says is null ? Is.Empty : Has.Count.EqualTo(1).And.One.Contains(says).And.One.Contains("NullTokens"));
    }

    [Test]
    public async Task OpenAsync_TheFirstValuesAreMissing_NotesThem()
    {
        var path = _folder.Write("lags.csv", $"a\n{string.Concat(Enumerable.Repeat("NA\n", 200))}{Lines(300, i => $"{i}.5")}");

        await using var scan = await DataSources.Csv(path).OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, Has.Count.EqualTo(1).And.One.Contains("because of 'NA' in line 2 and 199 more"));
    }

    [TestCase(" {0}", "numbers, such as ' 0' in line 2; set CsvOptions.Trim")]
    [TestCase("{0},5", "numbers, such as '0,5' in line 2; set their culture with CsvOptions.Culture")]
    [TestCase("1,{0:000}", "numbers, such as '1,000' in line 2; set their culture with CsvOptions.Culture")]
    [TestCase("1.{0:000},50", "numbers, such as '1.000,50' in line 2; set their culture with CsvOptions.Culture")]
    [TestCase("{0} %", "numbers, such as '0 %' in line 2; name their unit in CsvOptions.Units (\"%\")")]
    [TestCase("${0}.50", "numbers, such as '$0.50' in line 2; name their unit in CsvOptions.Units (\"$\")")]
    [TestCase("{0:00}.12.2024", "dates, such as '01.12.2024' in line 2; set their format with CsvOptions.DateFormats", 1, 28)]
    [TestCase("12/{0}/2024 10:30", "dates, such as '12/1/2024 10:30' in line 2; set their format with CsvOptions.DateFormats", 1, 28)]
    [TestCase("0{0:0000}", null)] // postal codes
    [TestCase("+49{0}", null)]
    [TestCase("1.2.{0}", null)]
    [TestCase("item {0}", null)]
    [TestCase("{0}a", null)]
    public async Task OpenAsync_ValuesInAnotherNotation_NotesHowToReadThem(string format, string? says, int first = 0, int count = 60)
    {
        var path = _folder.Write(
            "notation.csv",
            $"a;b\n{Lines(count, i => $"{string.Format(CultureInfo.InvariantCulture, format, first + i)};{i}")}");

        await using var scan = await DataSources.Csv(path, csv => csv.Delimiter = ';').OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, says is null
            ? Is.Empty
            : Has.Count.EqualTo(1).And.One.Contains($"column 'a' is text although its values are {says}"));
    }

    [Test]
    public async Task OpenAsync_OnlyLargeNumbersHaveGroups_DoesNotTakeThemForMissingValues()
    {
        var path = _folder.Write("groups.csv", $"a;b\n{Lines(200, i => i < 190 ? $"{i};x" : "1,000;x")}");

        await using var scan = await DataSources.Csv(path, csv => csv.Delimiter = ';').OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, Has.Count.EqualTo(1).And.One.Contains("such as '1,000' in line 192").And.None.Contains("NullTokens"));
    }

    [Test]
    public async Task OpenAsync_IntegersAndFractions_IsNumber() =>
        Assert.That((await ReadAsync("a\n1\n2.5\n3\n")).Schema[0].Type, Is.EqualTo(ColumnType.Number));

    [Test]
    public async Task ReadAsync_QuotesAndLineBreaks_AreUnquoted()
    {
        var data = await ReadAsync("a,b\r\n\"x, \"\"y\"\"\",\"line 1\r\nline 2\"\r\n5\" pipe,\"\"\r\n");
        Assert.That(data["a"].GetText(0), Is.EqualTo("x, \"y\""));
        Assert.That(data["b"].GetText(0), Is.EqualTo("line 1\r\nline 2"));
        Assert.That(data["a"].GetText(1), Is.EqualTo("5\" pipe"));
        Assert.That(data["b"].IsNull(1), Is.True);
    }

    [Test]
    public async Task ReadAsync_ByteOrderMark_IsNoPartOfTheHeader()
    {
        var data = await ReadAsync([0xEF, 0xBB, 0xBF, .. "ä,b\n1,2\n"u8]);
        Assert.That(data.Schema.Select(field => field.Name), Is.EqualTo(new[] { "ä", "b" }));
    }

    [Test]
    public async Task ReadAsync_NullTokensDelimiterAndTrim_AreApplied()
    {
        var data = await ReadAsync("a;b\n 1 ; NA\nNA;x\n", options =>
        {
            options.Delimiter = ';';
            options.Trim = true;
            options.NullTokens.Add("NA");
        });
        Assert.That(data.Schema.Select(field => field.Type), Is.EqualTo(new[] { ColumnType.Integer, ColumnType.Text }));
        Assert.That(
            new[] { data["a"].IsNull(0), data["a"].IsNull(1), data["b"].IsNull(0), data["b"].IsNull(1) },
            Is.EqualTo(new[] { false, true, true, false }));
    }

    [Test]
    public async Task ReadAsync_GivenSchema_DecidesColumnsTypesAndOrder()
    {
        var data = await ReadAsync(
            "a,b,c\n1,007,x\n0,8,y\n",
            options => options.Schema = new Schema(new Field("b", ColumnType.Integer), new Field("a", ColumnType.Boolean)));
        Assert.That(data.Schema.Select(field => field.Name), Is.EqualTo(new[] { "b", "a" }));
        Assert.That(data["b"].GetText(0), Is.EqualTo("7"));
        Assert.That(data["a"].GetText(1), Is.EqualTo("false"));
    }

    [Test]
    public async Task ReadAsync_RequestedColumnsAndBatches_AreGiven()
    {
        var source = new FileSource(_folder.Write("x.csv", "a,b\n1,x\n2,y\n3,z\n4,w\n"), new CsvFormat(new CsvOptions()));
        await using var scan = await source.OpenAsync(new ReadRequest { Columns = ["b"], BatchSize = 2 });
        var batches = new List<RecordBatch>();
        await foreach (var batch in scan.ReadAsync()) batches.Add(batch);
        Assert.That(batches.Select(batch => batch.RowCount), Is.EqualTo(new[] { 2, 2 }));
        batches.Clear();
        await foreach (var batch in scan.ReadAsync(new Position(3))) batches.Add(batch);
        Assert.That(batches.Single()["b"].GetText(0), Is.EqualTo("w"));
    }

    [Test]
    public async Task Version_IsTheHashOfTheBytes_AndOfOptionsThatChangeTheRows()
    {
        const string Text = "a\n1\n";
        var path = _folder.Write("x.csv", Text);
        await using var plain = await new FileSource(path, new CsvFormat(new CsvOptions())).OpenAsync(ReadRequest.All);
        await using var trimmed = await new FileSource(path, new CsvFormat(new CsvOptions { Trim = true })).OpenAsync(ReadRequest.All);
        Assert.That(plain.Version!.Value, Is.EqualTo("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))));
        Assert.That(trimmed.Version, Is.Not.EqualTo(plain.Version));
    }

    [Test]
    public async Task ReadAsync_FileChangedSinceOpening_SaysSo()
    {
        var path = _folder.Write("x.csv", "a\n1\n");
        await using var scan = await new FileSource(path, new CsvFormat(new CsvOptions())).OpenAsync(ReadRequest.All);
        _folder.Write("x.csv", "a\n1\n2\n");
        Assert.That(
            async () => await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public async Task ReadAsync_FileBehindALinkChangedSinceOpening_SaysSo()
    {
        var path = _folder.Write("x.csv", "a\n1\n");
        var link = Path.Combine(_folder.Path, "link.csv");
        File.CreateSymbolicLink(link, path);
        await using var scan = await new FileSource(link, new CsvFormat(new CsvOptions())).OpenAsync(ReadRequest.All);
        File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddSeconds(1));
        Assert.That(
            async () => await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [TestCase("", "is empty", null, null)]
    [TestCase("a,b\n", "no rows", null, null)]
    [TestCase("a,b,a\n1,2,3\n", "same column twice", 1, "a")]
    [TestCase("a,,c\n1,2,3\n", "Column 2 has no name", 1, null)]
    [TestCase("a,b\n1,2\n1,2,3\n", "3 fields where the header has 2", 3, null)]
    [TestCase("a,b\n1\n", "1 field where the header has 2", 2, null)]
    [TestCase("a,b\n\"x\ny\n\nz\",1\n1\n", "1 field where", 6, null)]
    [TestCase("a,b\n1,2\n3,\"x\n4,5\n", "never closed", 3, null)]
    [TestCase("a,b\n1,\"x\"y\n", "follows the closing quote", 2, null)]
    public async Task OpenAsync_MalformedFile_SaysWhatWhereAndTheRemedy(string text, string problem, int? line, string? column)
    {
        var failure = await FailureAsync(Encoding.UTF8.GetBytes(text));
        Assert.That(failure.Problem, Does.Contain(problem));
        Assert.That(failure.DataSource, Is.EqualTo("bad.csv"));
        Assert.That(failure.Line, Is.EqualTo(line));
        Assert.That(failure.Column, Is.EqualTo(column));
        Assert.That(failure.Remedy, Is.Not.Null.And.Not.Empty);
    }

    [Test]
    public async Task OpenAsync_InvalidUtf8_NamesLineAndColumn()
    {
        var failure = await FailureAsync([.. "a,b\n1,x\n\n2,y"u8, 0xFF, .. "\n"u8]);
        Assert.That((failure.Problem, failure.Line, failure.Column), Is.EqualTo(("The text is not valid UTF-8.", 4L, "b")));
    }

    [Test]
    public async Task OpenAsync_InvalidUtf8InTheHeader_NamesTheLine()
    {
        var failure = await FailureAsync([(byte)'a', 0xC3, .. ",b\n1,2\n"u8]);
        Assert.That((failure.Problem, failure.Line), Is.EqualTo(("The text is not valid UTF-8.", 1L)));
    }

    [Test]
    public async Task OpenAsync_TextInNumberColumn_NamesLineColumnAndPrintableValue()
    {
        var value = "x\u001b[31m\u202e" + new string('z', 500);
        var failure = await FailureAsync(
            Encoding.UTF8.GetBytes($"a,n\n\"1\n2\",5\n3,{value}\n"),
            options => options.Schema = new Schema(new Field("n", ColumnType.Number)));
        Assert.That((failure.Line, failure.Column), Is.EqualTo((4L, "n")));
        Assert.That(failure.Problem, Does.StartWith("'x\\u001b[31m\\u202ezzz"));
        Assert.That(failure.Problem, Has.Length.LessThan(80));
        Assert.That(failure.Message.Any(char.IsControl), Is.False);
    }

    [Test]
    public async Task OpenAsync_MissingColumnOfGivenSchema_SuggestsTheNearest()
    {
        var failure = await FailureAsync(
            "tenure,b\n1,2\n"u8.ToArray(),
            options => options.Schema = new Schema(new Field("tenuer", ColumnType.Number)));
        Assert.That(failure.Remedy, Does.Contain("'tenure'"));
    }

    [Test]
    public void OpenAsync_MissingFile_SaysSo() => Assert.That(
        async () => await new FileSource(Path.Combine(_folder.Path, "none.csv"), new CsvFormat(new CsvOptions())).OpenAsync(
            ReadRequest.All),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("does not exist").And.Property("DataSource").EqualTo("none.csv"));

    [Test]
    public void OpenAsync_MissingDirectory_SaysSo() => Assert.That(
        async () => await new FileSource(Path.Combine(_folder.Path, "no", "none.csv"), new CsvFormat(new CsvOptions())).OpenAsync(
            ReadRequest.All),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("does not exist"));

    [Test]
    public void OpenAsync_Directory_SaysSo() => Assert.That(
        async () => await new FileSource(_folder.Path, new CsvFormat(new CsvOptions())).OpenAsync(ReadRequest.All),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("is a directory"));

    [Test]
    public void OpenAsync_PathThatNoFileCanHave_SaysSo() => Assert.That(
        async () => await new FileSource("a\0b.csv", new CsvFormat(new CsvOptions())).OpenAsync(ReadRequest.All),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be opened"));

    [Test]
    public async Task ReadAsync_Utf16WithByteOrderMark_IsRead()
    {
        var data = await ReadAsync([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("a,b\n1,grüße\n")]);
        Assert.That(data["b"].GetText(0), Is.EqualTo("grüße"));
    }

    [Test]
    public async Task ReadAsync_RowsThatCrossTheReadBuffer_AreWhole()
    {
        var text = new StringBuilder("id,text\n");
        for (var i = 0; i < 3_000; i++) text.Append(i).Append(",\"").Append('x', i % 300).Append("\n\"\"").Append(i).Append("\"\n");
        var data = await ReadAsync(text.ToString());
        Assert.That(data.RowCount, Is.EqualTo(3_000));
        for (var i = 0; i < 3_000; i++) Assert.That(data["text"].GetText(i), Is.EqualTo(new string('x', i % 300) + "\n\"" + i));
        var failure = await FailureAsync(Encoding.UTF8.GetBytes(text.Append("1,2,3\n").ToString()));
        Assert.That(failure.Line, Is.EqualTo(6_002));
    }

    [Test]
    public void FromCsv_BadDelimiter_FailsAtTheCall() =>
        Assert.That(() => new CollectionBuilder().FromCsv("x.csv", options => options.Delimiter = '"'), Throws.TypeOf<MlOpsException>());

    private Task<Dataset> ReadAsync(string text, Action<CsvOptions>? configure = null) =>
        ReadAsync(Encoding.UTF8.GetBytes(text), configure);

    private async Task<Dataset> ReadAsync(byte[] bytes, Action<CsvOptions>? configure = null, string name = "x.csv")
    {
        var options = new CsvOptions();
        configure?.Invoke(options);
        await using var scan = await new FileSource(_folder.Write(name, bytes), new CsvFormat(options)).OpenAsync(ReadRequest.All);
        return await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
    }

    private async Task<MlOpsException> FailureAsync(byte[] bytes, Action<CsvOptions>? configure = null)
    {
        try
        {
            await ReadAsync(bytes, configure, "bad.csv");
        }
        catch (MlOpsException e)
        {
            return e;
        }

        throw new AssertionException("The file was read without an error.");
    }
}
