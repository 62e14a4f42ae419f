using System.Data.Common;
using Microsoft.Data.Sqlite;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using Npgsql;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>
/// On SQLite always; on PostgreSQL where MLOPS_POSTGRES has a connection string of a database that tests may
/// fill, as the CI script sets it.
/// </summary>
[TestFixture("sqlite")]
[TestFixture("postgresql")]
public sealed class DatabaseSourceTests(string kind)
{
    private readonly string _table = $"customers_{Guid.NewGuid():N}";
    private TempFolder _folder = null!;
    private DbDataSource _database = null!;

    private string Ordered => $"SELECT * FROM {_table} WHERE id > @after ORDER BY id";

    [SetUp]
    public async Task Create()
    {
        _folder = new TempFolder();
        if (kind == "sqlite")
        {
            _database = SqliteFactory.Instance.CreateDataSource($"Data Source={Path.Combine(_folder.Path, "source.db")};Pooling=False");
        }
        else
        {
            var connection = Environment.GetEnvironmentVariable("MLOPS_POSTGRES");
            if (string.IsNullOrEmpty(connection)) Assert.Ignore("Set MLOPS_POSTGRES to a connection string.");
            _database = NpgsqlDataSource.Create(connection!);
        }

        await ExecuteAsync(
            $"CREATE TABLE {_table}(id BIGINT PRIMARY KEY, name TEXT, spend DOUBLE PRECISION, age INTEGER, " +
            "is_member BOOLEAN, joined TIMESTAMP)");
        await InsertAsync(1, 11);
    }

    [TearDown]
    public async Task Drop()
    {
        if (_database is not null)
        {
            await ExecuteAsync($"DROP TABLE IF EXISTS {_table}");
            await _database.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Test]
    public async Task Read_Query_GivesTypedRows()
    {
        var rows = await Source($"SELECT * FROM {_table} ORDER BY id").ReadAllAsync();

        Assert.That(rows.RowCount, Is.EqualTo(10));
        Assert.That(
            (rows["id"].Type, rows["name"].Type, rows["spend"].Type, rows["age"].Type),
            Is.EqualTo((ColumnType.Integer, ColumnType.Text, ColumnType.Number, ColumnType.Integer)));
        Assert.That(
            Enumerable.Range(0, 3).Select(row => string.Join('|', rows.Columns.Take(4).Select(column => column.GetText(row) ?? "∅"))),
            Is.EqualTo(new[] { "1|naïve 'n1|0.25|21", "2|naïve 'n2|0.5|22", "3|∅|∅|∅" }));
        if (kind == "postgresql")
        {
            Assert.That(
                (rows["is_member"].Type, rows["joined"].Type, rows["joined"].GetText(0)),
                Is.EqualTo((ColumnType.Boolean, ColumnType.Timestamp, "2024-01-02T00:00:00.0000000Z")));
        }
    }

    [Test]
    public async Task Read_Schema_GivesTheTypesThatItNames()
    {
        var rows = await Source($"SELECT * FROM {_table} ORDER BY id", options => options.Schema = new Schema(
            new Field("joined", ColumnType.Timestamp), new Field("is_member", ColumnType.Boolean), new Field("age", ColumnType.Number)))
            .ReadAllAsync();

        Assert.That(
            string.Join('|', rows.Columns.Select(column => column.GetText(0))),
            Is.EqualTo("2024-01-02T00:00:00.0000000Z|false|21"));
    }

    [Test]
    public async Task Read_Parameters_AreNoPartOfTheQuery()
    {
        var rows = await Source($"SELECT id FROM {_table} WHERE name = @name", options => options.Parameters["@name"] = "naïve 'n2")
            .ReadAllAsync();
        var hostile = await Source($"SELECT id FROM {_table} WHERE name = @name", options => options.Parameters["@name"] = "' OR 1=1 --")
            .ReadAllAsync();

        Assert.That((rows.RowCount, rows["id"].GetText(0), hostile.RowCount), Is.EqualTo((1, "2", 0)));
    }

    [Test]
    public async Task Open_QueryWithoutKey_IsReadOnceAndHasNoVersion()
    {
        await using var scan = await Source($"SELECT * FROM {_table}").OpenAsync(ReadRequest.All);

        Assert.That((scan.IsRepeatable, scan.Version, (await CountAsync(scan)).Rows), Is.EqualTo((false, (ContentVersion?)null, 10)));
        Assert.That(async () => await CountAsync(scan), Throws.TypeOf<MlOpsException>().With.Message.Contains("read only once"));
    }

    [Test]
    public async Task Open_Key_IsRepeatableFromAnyPositionAndKnowsItsContent()
    {
        var source = Source(Ordered, options => options.Increasing("id"));
        await using var scan = await source.OpenAsync(new ReadRequest { BatchSize = 3 });
        await using var other = await source.OpenAsync(ReadRequest.All);

        Assert.That((scan.IsRepeatable, scan.Version), Is.EqualTo((true, other.Version)));
        for (var from = 0; from <= 10; from++) Assert.That((await CountAsync(scan, from)).Rows, Is.EqualTo(10 - from));
        await ExecuteAsync($"UPDATE {_table} SET spend = 7 WHERE id = 5");
        await using var changed = await source.OpenAsync(ReadRequest.All);
        Assert.That(changed.Version, Is.Not.EqualTo(scan.Version));
    }

    [Test]
    public async Task Open_VersionQuery_TellsWhetherTheContentIsTheSame()
    {
        var source = Source($"SELECT * FROM {_table}", options => options.VersionQuery = $"SELECT count(*), max(id) FROM {_table}");
        async Task<ContentVersion?> VersionAsync()
        {
            await using var scan = await source.OpenAsync(ReadRequest.All);
            return scan.Version;
        }

        var version = await VersionAsync();
        var same = await VersionAsync();
        await InsertAsync(11, 12);

        Assert.That(version, Is.Not.Null.And.EqualTo(same).And.Not.EqualTo(await VersionAsync()));
    }

    [Test]
    public async Task Read_VersionIsAnotherBeforeAFurtherReading_IsRefused()
    {
        var source = Source(Ordered, options =>
        {
            options.Increasing("id");
            options.VersionQuery = $"SELECT count(*), max(spend) FROM {_table}";
        });
        await using var scan = await source.OpenAsync(ReadRequest.All);
        Assert.That((await CountAsync(scan, 0)).Rows, Is.EqualTo(10));
        Assert.That((await CountAsync(scan, 0)).Rows, Is.EqualTo(10));
        await ExecuteAsync($"UPDATE {_table} SET spend = 70000 WHERE id = 5");

        Assert.That(() => CountAsync(scan, 0), Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [Test]
    public async Task Run_OnlyNew_ReadsWhatCameSince()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("database").CollectData(data => data.FromDatabase(
            _database, Ordered, options => options.Increasing("id"), read => read.OnlyNew().Columns("name", "spend"))).Build();

        var first = await lifecycle.RunAsync(workspace);
        await InsertAsync(11, 14);
        var second = await lifecycle.RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That((first.Collection!.Rows, first.Collection.Sources[0].Watermark!.Split(' ')[0]), Is.EqualTo((10, "10")));
            Assert.That((second.Collection!.Rows, second.Collection.Sources[0].Watermark!.Split(' ')[0]), Is.EqualTo((3, "13")));
            Assert.That(second.Collection.Columns.Select(column => column.Name), Is.EqualTo(new[] { "name", "spend" }));
        });
    }

    [Test]
    public async Task Open_TimeAsKey_GoesOnBehindIt()
    {
        var source = Source(
            $"SELECT id, joined FROM {_table} WHERE joined > @after ORDER BY joined",
            options => options.Increasing("joined", new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified)));
        if (kind == "postgresql") await ExecuteAsync($"ALTER TABLE {_table} ALTER joined TYPE timestamptz USING joined AT TIME ZONE 'UTC'");
        await using var scan = await source.OpenAsync(ReadRequest.All);
        var (rows, mark) = await CountAsync(scan);
        await InsertAsync(20, 22);
        await using var later = await source.OpenAsync(new ReadRequest { After = mark });

        Assert.That((rows, (await CountAsync(later)).Rows), Is.EqualTo((10, 2)));
        Assert.That(
            mark!.Value,
            Does.StartWith(kind == "sqlite" ? "'2024-01-11 00:00:00 of query " : "2024-01-11T00:00:00.0000000Z of query "));
    }

    [Test]
    public void Read_KeyThatIsNotUniqueOrOrdered_SaysWhere()
    {
        var disordered = Source($"SELECT * FROM {_table} WHERE id > @after ORDER BY id DESC", options => options.Increasing("id"));
        var repeated = Source($"SELECT 7 AS id FROM {_table} WHERE id > @after", options => options.Increasing("id"));

        Assert.That(
            async () => await disordered.ReadAllAsync(),
            Throws.TypeOf<MlOpsException>()
                .With.Property("Line")
                .EqualTo(2)
                .And.Message.Contains("not above the previous key")
                .And.Property("Column")
                .EqualTo("id"));
        Assert.That(async () => await repeated.ReadAllAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("unique"));
    }

    [TestCase(MalformedRows.Quarantine, 9)]
    [TestCase(MalformedRows.Null, 10)]
    public async Task Read_ValuesThatDoNotFit_AreTreatedAsAsked(MalformedRows treatment, int rows)
    {
        await ExecuteAsync($"UPDATE {_table} SET name = CASE WHEN id = 4 THEN 'four' ELSE '1' END");
        var source = Source(
            $"SELECT id, name FROM {_table} ORDER BY id",
            options => options.Schema = new Schema(new Field("id", ColumnType.Integer), new Field("name", ColumnType.Integer)));
        await using var scan = await source.OpenAsync(new ReadRequest { Malformed = treatment });

        Assert.That((await CountAsync(scan)).Rows, Is.EqualTo(rows));
        Assert.That(scan.TakeMalformed(), Is.EqualTo(new[] { new MalformedRow(
            "database", 4, "name", "'four' (String) does not fit the Integer column.", "4;four", treatment == MalformedRows.Null) }));
        Assert.That(
            async () => await source.ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Property("Line").EqualTo(4).And.Property("Column").EqualTo("name"));
    }

    [Test]
    public async Task Open_Mistakes_AreExplained()
    {
        Assert.That(
            () => Source("SELECT 1", options => options.Increasing("id")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not mention @after"));
        Assert.That(
            async () => await Source($"SELECT * FROM {_table}").OpenAsync(new ReadRequest { Columns = ["nam"] }),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("nam").And.Message.Contains("name"));
        Assert.That(
            async () => await Source($"SELECT * FROM {_table}").OpenAsync(new ReadRequest { After = new Watermark("3") }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Increasing"));

        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var wrong = LifecycleBuilder.Create("wrong")
            .CollectData(data => data.FromDatabase(_database, "SELECT * FROM no_such_table WHERE secret = 'hunter2'"))
            .Build();
        var error = await Assert.CatchAsync<MlOpsException>(async () => await wrong.RunAsync(workspace));
        Assert.That(
            (error.DataSource, error.Stage, error.Message.Contains("no_such_table", StringComparison.Ordinal), error.Message.Contains(
                "hunter2",
                StringComparison.Ordinal)),
            Is.EqualTo(("database", LifecycleStage.Collection, true, false)));
    }

    [TestCase("WHERE name <> 'it''s secret' AND age > 3", "WHERE name <> '…' AND age > '…'")]
    [TestCase("-- the customer's\nWHERE name = 'hunter2'", "'…'\nWHERE name = '…'")]
    [TestCase("/* it's */ WHERE name = 'hunter2'", "'…' WHERE name = '…'")]
    [TestCase("AS \"it's\" WHERE name = 'hunter2'", "AS \"it's\" WHERE name = '…'")]
    public void Query_Literals_AreNotKept(string rest, string kept) =>
        Assert.That(
            new DatabaseSource(_database, $"SELECT * FROM {_table} {rest}", new DatabaseOptions()).RedactedQuery,
            Is.EqualTo($"SELECT * FROM {_table} {kept}"));

    [TestCase("$$hunter2$$")]
    [TestCase("$tag$it's hunter2$tag$")]
    [TestCase("'it\\'s' OR name = 'hunter2'")]
    public void Query_LiteralsOfOtherDialects_AreNotKept(string literal) =>
        Assert.That(
            new DatabaseSource(_database, $"SELECT * FROM t WHERE name = {literal}", new DatabaseOptions()).RedactedQuery,
            Does.Not.Contain("hunter2"));

    [Test]
    public async Task Open_MoreMalformedRows_IsOtherContent()
    {
        var source = Source(Ordered, options =>
        {
            options.Increasing("id");
            options.Schema = new Schema(new Field("id", ColumnType.Integer), new Field("name", ColumnType.Integer));
        });
        await ExecuteAsync($"UPDATE {_table} SET name = '1'");
        async Task<ContentVersion?> VersionAsync()
        {
            await using var scan = await source.OpenAsync(new ReadRequest { Malformed = MalformedRows.Quarantine });
            Assert.That(scan.TakeMalformed(), Is.Empty, "they are handed over when the rows are read");
            return scan.Version;
        }

        var before = await VersionAsync();
        await InsertAsync(20, 21);

        Assert.That(await VersionAsync(), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task Read_RowsThatChangeAfterTheyWereHashed_AreRefused()
    {
        await using var scan = await Source(Ordered, options => options.Increasing("id")).OpenAsync(ReadRequest.All);
        await ExecuteAsync($"UPDATE {_table} SET spend = 7 WHERE id = 5");

        foreach (var from in new[] { 0, 7 })
        {
            Assert.That(
                async () => await CountAsync(scan, from),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("changed while it was being read"));
        }
    }

    [Test]
    public async Task Read_RowsThatComeAfterTheOthersWereHashed_BelongToTheNextReading()
    {
        var source = Source(Ordered, options => options.Increasing("id"));
        await using var scan = await source.OpenAsync(ReadRequest.All);
        await InsertAsync(11, 14);
        var (rows, mark) = await CountAsync(scan);
        await using var goingOn = await source.OpenAsync(new ReadRequest { BrokenOff = scan });
        await using var later = await source.OpenAsync(new ReadRequest { After = mark });

        Assert.That(
            (rows, goingOn.Version, (await CountAsync(goingOn, 4)).Rows, (await CountAsync(later)).Rows),
            Is.EqualTo((10, scan.Version, 6, 3)));
    }

    // A database compares a time without a zone with one in a zone by the zone of its session.
    [TestCase("UTC")]
    [TestCase("Europe/Berlin")]
    [TestCase("America/New_York")]
    public async Task Run_TimesWithoutAZone_AreReadOnInAnyZoneOfTheSession(string zone)
    {
        if (kind != "postgresql") Assert.Ignore("SQLite has no zones.");
        await using var database = NpgsqlDataSource.Create($"{Environment.GetEnvironmentVariable("MLOPS_POSTGRES")};Timezone={zone}");
        foreach (var type in new[] { "timestamp", "timestamptz" })
        {
            await ExecuteAsync($"CREATE TABLE {_table}_{type}(at {type} PRIMARY KEY)");
            try
            {
                Task FillAsync(int from, int to) => ExecuteAsync(
                    $"INSERT INTO {_table}_{type} SELECT TIMESTAMP '2024-03-01' + n * INTERVAL '1 minute' FROM " +
                    $"generate_series({from}, {to}) n");
                await FillAsync(1, 200);
                using var folder = new TempFolder();
                await using var workspace = await Workspace.OpenAsync(folder.Path);
                var lifecycle = LifecycleBuilder.Create("times").CollectData(data => data.FromDatabase(
                    database, $"SELECT * FROM {_table}_{type} WHERE at > @after ORDER BY at", options => options.Increasing(
                        "at",
                        new DateTime(2000, 1, 1)), read => read.OnlyNew()))
                    .Build();
                var first = await lifecycle.RunAsync(workspace);
                await FillAsync(201, 210);
                var second = await lifecycle.RunAsync(workspace);

                Assert.That((first.Collection!.Rows, second.Collection!.Rows), Is.EqualTo((200L, 10L)), type);
            }
            finally
            {
                await ExecuteAsync($"DROP TABLE {_table}_{type}");
            }
        }
    }

    [Test]
    public async Task Open_TextsAsTimes_AreReadOnAsTheyAreWritten()
    {
        if (kind != "sqlite") Assert.Ignore("PostgreSQL has times.");
        await ExecuteAsync($"CREATE TABLE {_table}_texts(at TEXT PRIMARY KEY)");
        await ExecuteAsync($"INSERT INTO {_table}_texts VALUES('2024-01-01T00:00:00Z'), ('2024-01-01T12:00:00Z')");
        var source = Source(
            $"SELECT * FROM {_table}_texts WHERE at > @after ORDER BY at",
            options => options.Increasing("at", new DateTime(2000, 1, 1)));
        await using var scan = await source.OpenAsync(ReadRequest.All);
        var (rows, mark) = await CountAsync(scan);
        await ExecuteAsync($"INSERT INTO {_table}_texts VALUES('2024-01-01T12:00:01Z')");
        await using var later = await source.OpenAsync(new ReadRequest { After = mark });

        Assert.That((rows, (await CountAsync(later)).Rows), Is.EqualTo((2, 1)));
    }

    [Test]
    public async Task Open_LiteralOfAQuery_IsInNothingThatIsKept()
    {
        async Task<string> MarkAsync(int pin)
        {
            await using var scan =
                await Source($"SELECT * FROM {_table} WHERE age <> {pin} AND id > @after ORDER BY id", options => options.Increasing("id"))
                .OpenAsync(ReadRequest.All);
            return $"{scan.Query} {(await CountAsync(scan)).Watermark!.Value}";
        }

        Assert.That(await MarkAsync(7391), Is.EqualTo(await MarkAsync(7392)), "nobody can try literals out");
    }

    [Test]
    public async Task Read_AfterAReadingThatWasLeftEarly_BeginsAnew()
    {
        await using var scan = await Source(Ordered, options => options.Increasing("id")).OpenAsync(new ReadRequest { BatchSize = 3 });
        await foreach (var _ in scan.ReadAsync()) break;

        Assert.That((await CountAsync(scan)).Rows, Is.EqualTo(10));
    }

    [Test]
    public async Task Open_OnlyNewOfAnotherQuery_IsRefused()
    {
        await using var first = await Source(Ordered, options => options.Increasing("id")).OpenAsync(ReadRequest.All);
        var after = (await CountAsync(first)).Watermark;
        var other = Source($"SELECT * FROM {_table} WHERE id > @after AND id < @most ORDER BY id", options =>
        {
            options.Increasing("id");
            options.Parameters["@most"] = 100L;
        });

        Assert.That(
            async () => await other.OpenAsync(new ReadRequest { After = after }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("not the one that was read last"));
    }

    [Test]
    public void Open_PersonalKey_IsRefused() =>
        Assert.That(
            async () => await Source(Ordered, options => options.Increasing("id")).OpenAsync(new ReadRequest { Personal = ["id"] }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("personal column"));

    private static async Task<(int Rows, Watermark? Watermark)> CountAsync(IDataScan scan, long from = 0)
    {
        var rows = 0;
        await foreach (var batch in scan.ReadAsync(from == 0 ? null : new Position(from))) rows += batch.RowCount;
        return (rows, scan.Watermark);
    }

    private IDataSource Source(string sql, Action<DatabaseOptions>? configure = null) => DataSources.Database(_database, sql, configure);

    private async Task InsertAsync(int from, int to)
    {
        for (var id = from; id < to; id++)
        {
            var values = id % 3 == 0 ? "NULL, NULL, NULL" : FormattableString.Invariant($"'naïve ''n{id}', {id / 4.0}, {20 + id}");
            var flag = id % 2 == 0 ? "TRUE" : "FALSE";
            var at = FormattableString.Invariant($"2024-01-{id + 1:00} 00:00:00{(kind == "sqlite" ? "" : "+00")}");
            await ExecuteAsync(FormattableString.Invariant($"INSERT INTO {_table} VALUES({id}, {values}, {flag}, '{at}')"));
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
