using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

public sealed class FolderSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task ReadAsync_Files_AreReadInTheOrdinalOrderOfTheirPaths()
    {
        Write("b/x.csv", "a\n3\n");
        Write("B.csv", "a\n1\n");
        Write("a.csv", "a\n2\n");
        Write("b/y.csv", "a\n4\n5\n");
        Write("b/y.txt", "no table");

        Assert.That(await ReadAsync("**/*.csv"), Is.EqualTo(new[] { "1", "2", "3", "4", "5" }));
        Assert.That(await ReadAsync("*.csv"), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(await ReadAsync("b/?.csv"), Is.EqualTo(new[] { "3", "4", "5" }));
        Assert.That(await ReadAsync("**/b/y.*v"), Is.EqualTo(new[] { "4", "5" }));
    }

    [TestCase("")]
    [TestCase("../*.csv")]
    [TestCase("/tmp/*.csv")]
    [TestCase("a\\*.csv")]
    [TestCase("**")]
    [TestCase("a**/b.csv")]
    public void Folder_BadPattern_FailsAtTheCall(string glob) => Assert.That(
        () => DataSources.Folder(_folder.Path, glob, file => DataSources.Csv(file)),
        Throws.TypeOf<MlOpsException>().Or.TypeOf<ArgumentException>());

    [Test]
    public async Task OpenAsync_TypesOfAllFiles_AreJoined()
    {
        Write("1.csv", "n,t,flag,none,at\n1,1.50,true,,2024-01-01\n");
        Write("2.csv", "flag,n,t,none,at\nfalse,2.5,x,,\n");
        Write("3.csv", "n,t,flag,none,at\n");

        var data = await Source("*.csv").ReadAllAsync();

        Assert.That(data.Schema, Is.EqualTo(new Schema(
            new Field("n", ColumnType.Number),
            new Field("t", ColumnType.Text),
            new Field("flag", ColumnType.Boolean),
            new Field("none", ColumnType.Text),
            new Field("at", ColumnType.Timestamp))));
        Assert.That(
            Rows(data),
            Is.EqualTo(new[] { "1|1.50|true||2024-01-01T00:00:00.0000000Z", "2.5|x|false||" }),
            "text stays as it stands in the file");
    }

    [Test]
    public async Task OpenAsync_PartitionsInThePath_AreColumns()
    {
        Write("year=2024/month=03/city=Z%C3%BCrich/a.csv", "n\n1\n2\n");
        Write("year=2024/month=11/city=__HIVE_DEFAULT_PARTITION__/a.csv", "n\n3\n");
        Write("year=2023/month=1/city=7/a.csv", "n\n4\n");

        var data = await Source("**/*.csv").ReadAllAsync();

        Assert.That(data.Schema.Select(field => (field.Name, field.Type)), Is.EqualTo(
            new[] { ("n", ColumnType.Integer), ("year", ColumnType.Integer), ("month", ColumnType.Integer), ("city", ColumnType.Text) }));
        Assert.That(Rows(data), Is.EqualTo(new[] { "4|2023|1|7", "1|2024|3|Zürich", "2|2024|3|Zürich", "3|2024|11|" }));
        await using var scan = await Source("**/*.csv").OpenAsync(new ReadRequest { Columns = ["month"] });
        Assert.That(Rows(await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync())), Is.EqualTo(new[] { "1", "3", "3", "11" }));
    }

    // Only what an integer gives back is one: a leading zero is kept, except where dates have it.
    [TestCase("01234", "98765", ColumnType.Text, "01234")]
    [TestCase("007", "8", ColumnType.Text, "007")]
    [TestCase("000", "1", ColumnType.Text, "000")]
    [TestCase("-05", "1", ColumnType.Text, "-05")]
    [TestCase("01", "12", ColumnType.Integer, "1")]
    [TestCase("00", "23", ColumnType.Integer, "0")]
    [TestCase("0", "-5", ColumnType.Integer, "0")]
    [TestCase("+1", "2", ColumnType.Text, "+1")]
    [TestCase("1E2", "2", ColumnType.Text, "1E2")]
    [TestCase("1.50", "2", ColumnType.Text, "1.50")]
    [TestCase("true", "false", ColumnType.Text, "true")]
    [TestCase("2024-01-01", "2024-01-02", ColumnType.Text, "2024-01-01")]
    [TestCase("9223372036854775808", "1", ColumnType.Text, "9223372036854775808")]
    [TestCase("a%2Fb%3Dc%25", "x", ColumnType.Text, "a/b=c%")]
    [TestCase("%30%31%32", "x", ColumnType.Text, "012")]
    [TestCase("__HIVE_DEFAULT_PARTITION__", "7", ColumnType.Integer, "")]
    [TestCase("__HIVE_DEFAULT_PARTITION__", "x", ColumnType.Text, "")]
    [TestCase("__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__", ColumnType.Text, "")]
    [TestCase("", "7", ColumnType.Integer, "")]
    public async Task OpenAsync_ValuesInThePath_HaveTheTypeThatLosesNothing(string value, string other, ColumnType type, string read)
    {
        Write($"k={value}/a.csv", "n\n1\n");
        Write($"k={other}/b.csv", "n\n2\n");

        var data = await Source("**/*.csv").ReadAllAsync();

        Assert.That(data.Schema["k"].Type, Is.EqualTo(type));
        Assert.That(Rows(data), Has.Some.EqualTo($"1|{read}"));
    }

    [TestCase("1.csv", "a,b\n1,2\n", "2.csv", "a\n1\n", "b", "has no column 'b'")]
    [TestCase("1.csv", "a\n1\n", "2.csv", "a,b\n1,2\n", "b", "does not have")]
    [TestCase("x=1/1.csv", "a\n1\n", "y=1/2.csv", "a\n1\n", null, "have different columns: 'x=1/1.csv' (x) and 'y=1/2.csv' (y)")]
    [TestCase("x=1/1.csv", "a\n1\n", "z.csv", "a\n1\n", null, "and 'z.csv' (none)")]
    public async Task OpenAsync_FilesThatDiffer_NamesFileAndColumn(
        string first, string text, string second, string other, string? column, string problem)
    {
        Write(first, text);
        Write(second, other);

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => ReadAsync("**/*.csv"));

        Assert.That((failure!.DataSource, failure.Column), Is.EqualTo((second, column)));
        Assert.That(failure.Problem, Does.Contain(problem));
    }

    [Test]
    public async Task OpenAsync_ColumnInFileAndPath_IsRefused()
    {
        Write("a=1/1.csv", "a\n1\n");

        await Assert.ThatAsync(() => ReadAsync("**/*.csv"), Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("a"));
    }

    [Test]
    public async Task ReadAsync_JsonLinesThatLackMembers_HaveNoValuesThere()
    {
        Write("1.jsonl", "{\"a\":1}\n");
        Write("2.jsonl", "{\"b\":{\"c\":2.5},\"a\":2}\n");

        var data = await DataSources.Folder(_folder.Path, "*.jsonl", file => DataSources.JsonLines(file)).ReadAllAsync();

        Assert.That(data.Schema.Select(field => field.Name), Is.EqualTo(new[] { "a", "b.c" }));
        Assert.That(Rows(data), Is.EqualTo(new[] { "1|", "2|2.5" }));
    }

    [Test]
    public async Task ReadAsync_ArrowFiles_AreReadAndTheirTypesCompared()
    {
        await ArrowFileSourceTests.WriteAsync(
            Path.Combine(_folder.Path, "1.arrow"),
            new Schema(new Field("a", ColumnType.Integer)),
            rows => ((IntegerColumnBuilder)rows[0]).Append(1));
        await ArrowFileSourceTests.WriteAsync(
            Path.Combine(_folder.Path, "2.arrow"),
            new Schema(new Field("a", ColumnType.Integer)),
            rows => ((IntegerColumnBuilder)rows[0]).Append(2));
        var source = DataSources.Folder(_folder.Path, "*.arrow", DataSources.Arrow);

        Assert.That(Rows(await source.ReadAllAsync()), Is.EqualTo(new[] { "1", "2" }));
        await ArrowFileSourceTests.WriteAsync(
            Path.Combine(_folder.Path, "3.arrow"),
            new Schema(new Field("a", ColumnType.Number)),
            rows => ((NumberColumnBuilder)rows[0]).Append(3));
        var failure = await Assert.ThrowsAsync<MlOpsException>(() => source.ReadAllAsync());
        Assert.That((failure!.DataSource, failure.Column), Is.EqualTo(("3.arrow", "a")));
    }

    [Test]
    public async Task ReadAsync_FromEveryPosition_GivesWhatIsBehindIt()
    {
        for (var file = 0; file < 5; file++)
        {
            Write(
                $"{file}.csv",
                "id,n\n" + string.Concat(Enumerable.Range(0, 4).Select(i => i == 2 ? $"{file * 4 + i}\n" : $"{file * 4 + i},7\n")));
        }
        var request = new ReadRequest { Malformed = MalformedRows.Quarantine, BatchSize = 3 };
        for (var from = 0; from <= 20; from++)
        {
            await using var scan = await Source("*.csv").OpenAsync(request);
            var (rows, malformed) = (new List<int>(), new List<string>());
            await foreach (var batch in scan.ReadAsync(new Position(from)))
            {
                for (var row = 0; row < batch.RowCount; row++) rows.Add((int)batch.Columns[0].GetNumber(row));
                malformed.AddRange(scan.TakeMalformed().Select(row => $"{row.Source}:{row.Line}:{row.Text}"));
            }

            Assert.That(rows, Is.EqualTo(Enumerable.Range(0, 20).Where(i => i % 4 != 2 && i >= from)), $"from {from}");
            Assert.That(
                malformed,
                Is.EqualTo(Enumerable.Range(0, 5).Where(file => file * 4 + 2 >= from).Select(file => $"{file}.csv:4:{file * 4 + 2}")),
                $"from {from}");
        }
    }

    [Test]
    public async Task OpenAsync_AfterAWatermark_GivesTheFilesThatCameLater()
    {
        Write("1 ü.csv", "a\n1\n");
        Write("3.csv", "a\n3\n");
        var (_, mark) = await NewAsync(null);
        Write("2.csv", "a\n2.5\n");
        File.Delete(Path.Combine(_folder.Path, "3.csv"));

        var (rows, next) = await NewAsync(mark);

        Assert.That(rows, Is.EqualTo(new[] { "2.5" }));
        Write("3.csv", "a\n3\n");
        Assert.That((await NewAsync(next)).Rows, Is.Empty, "a file that comes back is not new");
        Write("1 ü.csv", "a\n1\n9\n");
        var failure = await Assert.ThrowsAsync<MlOpsException>(() => NewAsync(next));
        Assert.That(
            (failure!.DataSource, failure.Problem.Contains("has changed since", StringComparison.Ordinal)),
            Is.EqualTo(("1 ü.csv", true)));
        await Assert.ThatAsync(
            () => NewAsync(new Watermark("7")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("without OnlyNew"));
    }

    [Test]
    public async Task Version_NameOrContentOfAFile_ChangesIt()
    {
        Write("1.csv", "a\n1\n");
        var versions = new List<string?> { await VersionAsync() };
        Write("1.csv", "a\n2\n");
        versions.Add(await VersionAsync());
        File.Move(Path.Combine(_folder.Path, "1.csv"), Path.Combine(_folder.Path, "2.csv"));
        versions.Add(await VersionAsync());

        Assert.That(versions, Is.Unique.And.None.Null);
    }

    [Test]
    public async Task ReadAsync_SymbolicLinks_AreNotFollowed()
    {
        using var elsewhere = new TempFolder();
        elsewhere.Write("secret.csv", "a\n666\n");
        Write("1.csv", "a\n1\n");
        try
        {
            File.CreateSymbolicLink(Path.Combine(_folder.Path, "2.csv"), Path.Combine(elsewhere.Path, "secret.csv"));
            Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "other"), elsewhere.Path);
            Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "loop"), _folder.Path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException && OperatingSystem.IsWindows())
        {
            Assert.Ignore("This account may not create symbolic links.");
        }

        Assert.That(await ReadAsync("**/*.csv"), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task OpenAsync_NothingToRead_SaysSo()
    {
        await Assert.ThatAsync(
            () => ReadAsync("*.csv"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("No file of the folder matches '*.csv'"));
        Write("1.csv", "a\n");
        await Assert.ThatAsync(() => ReadAsync("*.csv"), Throws.TypeOf<MlOpsException>().With.Message.Contains("no rows"));
        await Assert.ThatAsync(
            () => DataSources.Folder(Path.Combine(_folder.Path, "none"), "*.csv", file => DataSources.Csv(file)).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not exist"));
        await Assert.ThatAsync(
            () => DataSources.Folder(_folder.Path, "*.csv", _ => DataSources.Objects(new[] { new { A = 1 } })).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("file by file"));
    }

    [Test]
    public async Task OpenAsync_MalformedFile_NamesItsPath()
    {
        Write("x/1.csv", "a,b\n1,2\n");
        Write("x/2.csv", "a,b\n1\n");

        await Assert.ThatAsync(
            () => ReadAsync("**/*.csv"),
            Throws.TypeOf<MlOpsException>().With.Property("DataSource").EqualTo("x/2.csv").And.Property("Line").EqualTo(2));
    }

    [Test]
    public async Task OpenAsync_WhatTheFilesNoticed_IsNotedAndBounded()
    {
        var numbers = string.Join('\n', Enumerable.Range(0, 40));
        for (var i = 0; i < 25; i++) Write($"{i:00}.csv", $"n\n{numbers}\nNA\n");
        await using var scan = await Source("*.csv").OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, Has.Count.EqualTo(21));
        Assert.That(scan.Notes[0], Does.StartWith("00.csv: column 'n' is text because of 'NA'"));
        Assert.That(scan.Notes[^1], Does.EndWith("5 more of this kind."));
    }

    [Test]
    public async Task OpenAsync_MembersThatSomeFilesLack_AreNotedWhereAllDo()
    {
        Write("1.jsonl", "{\"a\":1}\n");
        Write("2.jsonl", "{\"b\":1}\n");
        var schema = new Schema(new Field("a", ColumnType.Integer), new Field("b", ColumnType.Integer), new Field("c", ColumnType.Integer));
        await using var scan = await DataSources.Folder(_folder.Path, "*.jsonl", file => DataSources.JsonLines(
            file,
            json => json.Schema = schema))
            .OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes.Single(), Does.Contain("no line has the member 'c'"));
    }

    [Test]
    public async Task OpenAsync_FileThatHasNoRowsYet_IsReadWhenItHas()
    {
        Write("1.csv", "n\n1\n");
        Write("2.csv", "n\n");
        var (_, mark) = await NewAsync(null);
        Write("2.csv", "n\n2\n");

        Assert.That((await NewAsync(mark)).Rows, Is.EqualTo(new[] { "2" }));
    }

    private static string[] Rows(Dataset data) =>
    [
        .. Enumerable.Range(0, data.RowCount).Select(row => string.Join('|', data.Columns.Select(column => column.GetText(row))))
    ];

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder.Path, name))!);
        _folder.Write(name, Encoding.UTF8.GetBytes(text));
    }

    private IDataSource Source(string glob) => DataSources.Folder(_folder.Path, glob, file => DataSources.Csv(file));

    private async Task<string[]> ReadAsync(string glob) => Rows(await Source(glob).ReadAllAsync());

    private async Task<string?> VersionAsync()
    {
        await using var scan = await Source("*.csv").OpenAsync(ReadRequest.All);
        return scan.Version?.Value;
    }

    private async Task<(string[] Rows, Watermark Mark)> NewAsync(Watermark? after)
    {
        await using var scan = await Source("*.csv").OpenAsync(new ReadRequest { After = after });
        return (Rows(await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync())), scan.Watermark!);
    }
}
