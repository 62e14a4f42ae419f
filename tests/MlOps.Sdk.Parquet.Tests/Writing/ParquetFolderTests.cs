using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

[TestFixture]
public sealed class ParquetFolderTests : ParquetFixture
{
    private static readonly string?[] Cities =
    [
        "plain", null, "../../etc", "..", ".", "a/b\\c", "a=b", "100%", "line\nbreak", "naïve Ω 𝄞",
        "dot.", "space ", "C:", "%2e%2e", "'\"*?",
    ];

    private string Lake => Folder["lake"];

    [Test]
    public async Task WriteToAsync_AnyText_StaysInTheFolderAndIsReadBack()
    {
        var table = Sales(150);
        await table.WriteToAsync(DataSinks.ParquetFolder(Lake, ["year", "city"], options => options.RowGroupRows = 4));

        var read = await Tables.ReadAsync(DataSources.ParquetFolder(Lake), new ReadRequest { Columns = ["id", "year", "city"] });

        Assert.That(Tables.Of(read).Order(StringComparer.Ordinal), Is.EqualTo(Tables.Of(table).Order(StringComparer.Ordinal)));
        Assert.That(Directory.GetFileSystemEntries(Folder.Path), Is.EqualTo(new[] { Lake }));
        Assert.That(
            Directory.GetFiles(Lake, "*", SearchOption.AllDirectories),
            Has.All.Matches<string>(file => Path.GetRelativePath(Lake, file!).Split('/') is [var year, var city, var part]
                && year.StartsWith("year=20", StringComparison.Ordinal)
                && city.StartsWith("city=", StringComparison.Ordinal)
                && part.StartsWith("part-", StringComparison.Ordinal)
                && part.EndsWith(".parquet", StringComparison.Ordinal)));
    }

    private sealed record Place(string? Zip, string Month, long? Year, long Id);

    // Paths are text: the files say which types the columns of their paths have.
    [Test]
    public async Task WriteToAsync_TextsThatLookLikeNumbers_AreReadBackAsTexts()
    {
        Place[] places = [new("5", "01", 2026, 1), new("42", "12", null, 2), new(null, "03", -7, 3)];
        await Tables.Of(places).WriteToAsync(DataSinks.ParquetFolder(Lake, ["zip", "month", "year"]));

        var read = await Tables.ReadAsync(DataSources.ParquetFolder(Lake));

        Assert.That(read.Schema.ToString(), Is.EqualTo("id: Integer, zip: Text, month: Text, year: Integer"));
        Assert.That(
            Tables.Of(read), Is.EquivalentTo(new[] { "'1'|'5'|'01'|'2026'", "'2'|'42'|'12'|null", "'3'|null|'03'|'-7'" }));
    }

    [Test]
    public async Task ReadAsync_NoValueInAPartition_HasTheTypeThatWasWritten()
    {
        await Tables.Of(new Place(null, "01", null, 1)).WriteToAsync(DataSinks.ParquetFolder(Lake, ["zip", "year"]));

        var read = await Tables.ReadAsync(DataSources.ParquetFolder(Lake));

        Assert.That(read.Schema.ToString(), Is.EqualTo("month: Text, id: Integer, zip: Text, year: Integer"));
    }

    [Test]
    public async Task ReadAsync_FileMovedToATextOfAnotherKind_IsText()
    {
        await Tables.Of(new Place("a", "01", 2026, 1)).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));
        Directory.Move(Path.Combine(Lake, "year=2026"), Path.Combine(Lake, "year=unknown"));

        var read = await Tables.ReadAsync(DataSources.ParquetFolder(Lake));

        Assert.That(read["year"].GetText(0), Is.EqualTo("unknown"));
    }

    [Test]
    public async Task WriteToAsync_EmptyTextInAPartition_IsRefused()
    {
        await Assert.ThatAsync(
            () => Tables.Of(new Place("", "01", 2026, 1)).WriteToAsync(DataSinks.ParquetFolder(Lake, ["zip"])),
            Throws.TypeOf<MlOpsException>().With.Property(nameof(MlOpsException.Column)).EqualTo("zip"));
    }

    [Test]
    public async Task WriteToAsync_Partitioned_IsReadByDuckDb()
    {
        var table = Sales(150);
        await table.WriteToAsync(DataSinks.ParquetFolder(Lake, ["year", "city"]));

        var rows = Duck.Query($"SELECT id, year, city FROM read_parquet('{Lake}/**/*.parquet', hive_partitioning = true) ORDER BY id");

        Assert.That(rows.Select(row => $"{row[0]} {row[1]} {row[2]}"), Is.EqualTo(
            Enumerable.Range(0, 150).Select(row => $"{row} {table["year"].GetText(row)} {table["city"].GetText(row)}")));
    }

    [Test]
    public async Task ReadAsync_PartitionedByDuckDb_GivesItsRows()
    {
        Duck.Run($"""
            COPY (SELECT i AS id, 2020 + i % 3 AS year, CASE WHEN i % 5 = 0 THEN NULL ELSE 'São ' || i % 2 || '/x' END AS city
                FROM range(60) t(i))
            TO '{Lake}' (FORMAT parquet, PARTITION_BY (year, city))
            """);

        var read = await Tables.ReadAsync(DataSources.ParquetFolder(Lake));

        Assert.That(read.Schema.ToString(), Is.EqualTo("id: Integer, year: Integer, city: Text"));
        Assert.That(Tables.Of(read).Order(StringComparer.Ordinal), Is.EqualTo(Enumerable.Range(0, 60)
            .Select(i => $"'{i}'|'{2020 + i % 3}'|{(i % 5 == 0 ? "null" : $"'São {i % 2}/x'")}").Order(StringComparer.Ordinal)));
    }

    [Test]
    public async Task Where_ColumnOfThePaths_LeavesOutFiles()
    {
        await Sales(30).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));
        foreach (var file in Directory.GetFiles(Path.Combine(Lake, "year=2020"))) await File.WriteAllTextAsync(file, "not read");

        var read = await Tables.ReadAsync(
            DataSources.ParquetFolder(Lake, rows => rows.Where("year", 2021, 2022).Where("id", 10, 15)),
            new ReadRequest { Columns = ["id"] });

        Assert.That(Tables.Of(read), Is.EqualTo(new[] { "'10'", "'13'", "'11'", "'14'" }));
        Assert.That(async () => await Tables.ReadAsync(DataSources.ParquetFolder(Lake)), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public async Task OpenAsync_OnlyNew_GivesTheFilesThatWereAdded()
    {
        await Sales(6).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));
        Watermark? watermark;
        await using (var scan = await DataSources.ParquetFolder(Lake).OpenAsync(ReadRequest.All)) watermark = scan.Watermark;
        await Tables.Of(new { Id = 99, Year = 2020, City = (string?)"x" }).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));

        var read = await Tables.ReadAsync(DataSources.ParquetFolder(Lake), new ReadRequest { After = watermark });

        Assert.That(Tables.Of(read), Is.EqualTo(new[] { "'99'|'x'|'2020'" }));
    }

    [Test]
    public async Task OpenAsync_FilesOfOtherColumns_NamesTheFileAndTheColumn()
    {
        Directory.CreateDirectory(Lake);
        await Tables.Of(new { Id = 1, Name = "x" }).WriteToAsync(DataSinks.Parquet(Path.Combine(Lake, "a.parquet")));
        await Tables.Of(new { Id = 1.5, Name = "x" }).WriteToAsync(DataSinks.Parquet(Path.Combine(Lake, "b.parquet")));

        Assert.That(
            async () => await DataSources.ParquetFolder(Lake).OpenAsync(ReadRequest.All),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'id'").And.Message.Contains("b.parquet"));
    }

    [Test]
    public async Task Folder_OfAnySource_ReadsParquetToo()
    {
        await Sales(9).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));

        var read = await Tables.ReadAsync(DataSources.Folder(Lake, "**/*.parquet", file => DataSources.Parquet(file)));

        Assert.That(read.RowCount, Is.EqualTo(9));
    }

    [Test]
    public async Task DisposeAsync_NotCompleted_LeavesNothing()
    {
        var table = Sales(30);
        await using (var writer = await DataSinks.ParquetFolder(Lake, ["year"]).OpenAsync(table.Schema))
        {
            foreach (var batch in table.ToBatches(10)) await writer.WriteAsync(batch);
            Assert.That(Directory.GetFiles(Lake, "*.parquet", SearchOption.AllDirectories), Is.Empty);
        }

        Assert.That(Directory.GetFileSystemEntries(Lake), Is.Empty);
    }

    // A process that is killed while it renames: some files are in their places, the list says which belong to them.
    [Test]
    public async Task Complete_KilledBetweenTwoRenames_ShowsNothingUntilTheNextWriterCompletesIt()
    {
        await Sales(6).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));
        var before = Tables.Of(await Tables.ReadAsync(DataSources.ParquetFolder(Lake)));
        var files = Directory.GetFiles(Lake, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        await Tables.Of(
            new { Id = 100, Year = 2020, City = (string?)"x" },
            new { Id = 101, Year = 2021, City = (string?)"x" }).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));
        var added = Directory.GetFiles(Lake, "*.parquet", SearchOption.AllDirectories)
            .Except(files).Order(StringComparer.Ordinal).ToArray();
        var stage = Directory.CreateDirectory(Path.Combine(Lake, ".mlops-stage-1")).FullName;
        await File.WriteAllTextAsync(Path.Combine(stage, "lock"), "");
        File.Move(added[1], Path.Combine(stage, "1.tmp"));
        await File.WriteAllLinesAsync(
            Path.Combine(Lake, ".mlops-commit-1.txt"), added.Select(file => Path.GetRelativePath(Lake, file)));

        var during = Tables.Of(await Tables.ReadAsync(DataSources.ParquetFolder(Lake)));
        await using (await DataSinks.ParquetFolder(Lake, ["year"]).OpenAsync(Sales(1).Schema))
        {
        }

        var after = Tables.Of(await Tables.ReadAsync(DataSources.ParquetFolder(Lake)));
        Assert.That(during, Is.EqualTo(before));
        Assert.That(after, Is.EquivalentTo(before.Append("'100'|'x'|'2020'").Append("'101'|'x'|'2021'")));
        Assert.That(Directory.GetFileSystemEntries(Lake).Select(Path.GetFileName), Has.All.StartsWith("year="));
    }

    [Test]
    public async Task OpenAsync_StagesOfTheDeadAndTheLiving_OnlyTheFormerAreRemoved()
    {
        var table = Sales(3);
        Directory.CreateDirectory(Path.Combine(Lake, ".mlops-stage-dead"));
        await File.WriteAllTextAsync(Path.Combine(Lake, ".mlops-stage-dead", "lock"), "");
        await File.WriteAllTextAsync(Path.Combine(Lake, ".mlops-stage-dead", "0.tmp"), "half");
        await using var living = await DataSinks.ParquetFolder(Lake, ["year"]).OpenAsync(table.Schema);
        await living.WriteAsync(table.ToBatches(10).Single());

        await Sales(6).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"]));
        await living.CompleteAsync();
        await living.DisposeAsync();

        Assert.That((await Tables.ReadAsync(DataSources.ParquetFolder(Lake))).RowCount, Is.EqualTo(9));
        Assert.That(Directory.GetDirectories(Lake, ".mlops-*"), Is.Empty);
    }

    // Who may write into the folder may leave a list there, which the next writer would follow.
    [TestCase("../outside/x.parquet")]
    [TestCase("/ABSOLUTE/x.parquet")]
    [TestCase("year=2020/../../outside/x.parquet")]
    [TestCase("link/x.parquet")]
    [TestCase("C:x.parquet")]
    [TestCase("year=2020\\x.parquet")]
    [TestCase("script.sh")]
    public async Task OpenAsync_ListOfFilesElsewhere_MovesNothingAndSaysSo(string target)
    {
        var outside = Directory.CreateDirectory(Folder["outside"]).FullName;
        await LeaveAsync("forged", [target.Replace("/ABSOLUTE", outside, StringComparison.Ordinal), "year=2021/y.parquet"]);
        await LeaveAsync("whole", ["year=2022/z.parquet"]);
        Directory.CreateSymbolicLink(Path.Combine(Lake, "link"), outside);

        await Assert.ThatAsync(
            () => Sales(3).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(".mlops-commit-forged.txt"));

        Assert.That(Directory.GetFileSystemEntries(outside), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(Folder.Path), Has.Length.EqualTo(2), "the lake and the folder beside it");
        Assert.That(
            Directory.GetFiles(Lake, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Lake, file)),
            Is.EquivalentTo(new[]
            {
                ".mlops-commit-forged.txt", ".mlops-stage-forged/0.tmp", ".mlops-stage-forged/1.tmp", ".mlops-stage-forged/lock",
                "year=2022/z.parquet",
            }),
            "nothing of it is lost, and the table of another is in its place");
    }

    [Test]
    public async Task OpenAsync_ListOrStageIsALink_IsNotFollowed()
    {
        await LeaveAsync("list", ["a.parquet"]);
        File.Move(Path.Combine(Lake, ".mlops-commit-list.txt"), Folder["secrets.txt"]);
        File.CreateSymbolicLink(Path.Combine(Lake, ".mlops-commit-list.txt"), Folder["secrets.txt"]);
        await LeaveAsync("stage", ["b.parquet"]);
        Directory.Move(Path.Combine(Lake, ".mlops-stage-stage"), Folder["private"]);
        Directory.CreateSymbolicLink(Path.Combine(Lake, ".mlops-stage-stage"), Folder["private"]);

        await Assert.ThatAsync(
            () => Sales(3).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("list.txt").And.Message.Not.Contains("a.parquet"));

        Assert.That(File.Exists(Path.Combine(Folder["private"], "0.tmp")), Is.True);
        Assert.That(Directory.GetFiles(Lake, "*.parquet"), Is.Empty);
    }

    private async Task LeaveAsync(string id, string[] targets)
    {
        var stage = Directory.CreateDirectory(Path.Combine(Lake, $".mlops-stage-{id}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(stage, "lock"), "");
        for (var i = 0; i < targets.Length; i++) await File.WriteAllTextAsync(Path.Combine(stage, $"{i}.tmp"), "content");
        await File.WriteAllTextAsync(Path.Combine(Lake, $".mlops-commit-{id}.txt"), string.Join('\n', targets));
    }

    [Test]
    public void CompleteAsync_FolderIsALinkElsewhere_WritesNothingThere()
    {
        var elsewhere = Directory.CreateDirectory(Folder["elsewhere"]).FullName;
        Directory.CreateDirectory(Lake);
        Directory.CreateSymbolicLink(Path.Combine(Lake, "year=2020"), elsewhere);

        Assert.That(
            async () => await Sales(3).WriteToAsync(DataSinks.ParquetFolder(Lake, ["year"])),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("year=2020"));
        Assert.That(Directory.GetFileSystemEntries(elsewhere), Is.Empty);
        Assert.That(Directory.GetFiles(Lake, "*.parquet", SearchOption.AllDirectories), Is.Empty);
    }

    [TestCase("none", "'none'")]
    [TestCase("amount", "'amount'")]
    public void OpenAsync_ColumnThatCannotDivide_IsRefusedByName(string column, string named)
    {
        var table = Tables.Of(new { Amount = 1.5, Name = "x" });

        Assert.That(
            async () => await table.WriteToAsync(DataSinks.ParquetFolder(Lake, [column])),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains(named));
        Assert.That(Directory.Exists(Lake), Is.False);
    }

    [Test]
    public void WriteAsync_EmptyTextOrTooManyValues_IsRefusedByNameAndLeavesNothing()
    {
        var empty = Tables.Of(new { Id = 1, Name = "" });
        var many = Tables.Of([.. Enumerable.Range(0, 501).Select(i => new { Id = i, Name = $"n{i}" })]);

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await empty.WriteToAsync(DataSinks.ParquetFolder(Lake, ["name"])),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'name'"));
            Assert.That(
                async () => await many.WriteToAsync(DataSinks.ParquetFolder(Lake, ["name"])),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("500"));
            Assert.That(Directory.GetFileSystemEntries(Lake), Is.Empty);
        });
    }

    private static Dataset Sales(int rows) => Tables.Of([.. Enumerable.Range(0, rows).Select(i => new
    {
        Id = i,
        Year = 2020 + i % 3,
        City = Cities[i % Cities.Length],
    })]);
}
