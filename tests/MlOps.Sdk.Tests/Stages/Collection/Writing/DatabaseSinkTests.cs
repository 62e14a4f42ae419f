using System.Data.Common;
using Microsoft.Data.Sqlite;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using Npgsql;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>
/// On SQLite always; on PostgreSQL where MLOPS_POSTGRES has a connection string of a database that tests may fill.
/// </summary>
[TestFixture("sqlite")]
[TestFixture("postgresql")]
public sealed class DatabaseSinkTests(string kind)
{
    private readonly string _table = $"scores_{Guid.NewGuid():N}";
    private TempFolder _folder = null!;
    private DbDataSource? _database;

    [SetUp]
    public void Create()
    {
        _folder = new TempFolder();
        if (kind == "sqlite")
        {
            _database = SqliteFactory.Instance.CreateDataSource($"Data Source={_folder["sink.db"]};Pooling=False");
            return;
        }

        var connection = Environment.GetEnvironmentVariable("MLOPS_POSTGRES");
        if (string.IsNullOrEmpty(connection)) Assert.Ignore("Set MLOPS_POSTGRES to a connection string.");
        _database = NpgsqlDataSource.Create($"{connection};Timezone=Europe/Berlin");
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
    public async Task Write_TableIsMissing_IsAnErrorOrCreated()
    {
        var rows = Rows(2_500);

        Assert.That(
            () => rows.WriteToAsync(DataSinks.Database(_database!, _table)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(_table).And.Message.Contains("CreateTable")
                .And.InnerException.InstanceOf<DbException>());
        await rows.WriteToAsync(DataSinks.Database(_database!, _table, options => options.CreateTable = true));
        await rows.WriteToAsync(DataSinks.Database(_database!, _table));

        Assert.That(await CountAsync(), Is.EqualTo(5_000));
    }

    [Test]
    public async Task Write_HalfACharacter_IsRefusedRatherThanAnotherTextWritten()
    {
        var schema = new Schema(new Field("name", ColumnType.Text));
        var builder = new RecordBatchBuilder(schema);
        ((TextColumnBuilder)builder[0]).Append("cut \uD83D");
        await ExecuteAsync($"CREATE TABLE {_table}(name TEXT)");

        Assert.That(
            () => Dataset.FromBatches(schema, [builder.Build()]).WriteToAsync(DataSinks.Database(_database!, _table)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("surrogate").And.Message.Contains("'name'"));
        Assert.That(await CountAsync(), Is.Zero);
    }

    [Test]
    public async Task Write_HostileNamesAndValues_AreTakenAsTheyAre()
    {
        const string column = "\"); DROP TABLE x; --";
        await ExecuteAsync($"CREATE TABLE {_table}(id BIGINT)");
        var table = $"t\"; DROP TABLE {_table}; --";
        var schema = new Schema(new Field(column, ColumnType.Text), new Field("select", ColumnType.Integer));
        var builder = new RecordBatchBuilder(schema);
        ((TextColumnBuilder)builder[0]).Append($"'); DROP TABLE {_table}; --");
        ((IntegerColumnBuilder)builder[1]).Append(1);
        var quoted = $"\"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        try
        {
            await Dataset.FromBatches(schema, [builder.Build()])
                .WriteToAsync(DataSinks.Database(_database!, table, options => options.CreateTable = true));

            var read = await DataSources.Database(_database!, $"SELECT * FROM {quoted}").ReadAllAsync();
            Assert.That((read[column].GetText(0), read["select"].GetText(0)), Is.EqualTo(($"'); DROP TABLE {_table}; --", "1")));
            Assert.That(await CountAsync(), Is.Zero, "the other table is there");
        }
        finally
        {
            await ExecuteAsync($"DROP TABLE IF EXISTS {quoted}");
        }
    }

    [Test]
    public async Task Write_ColumnsThatTheTableDoesNotHave_AreAllNamed()
    {
        await ExecuteAsync($"CREATE TABLE {_table}(at TIMESTAMP, id BIGINT)");

        Assert.That(
            () => Rows(3).WriteToAsync(DataSinks.Database(_database!, _table)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'name', 'x'").And.Message.Not.Contains("'id'"));
    }

    [Test]
    public async Task Write_OtherOrderMoreColumnsAndNarrowerTypes_AreFilledByName()
    {
        await ExecuteAsync($"CREATE TABLE {_table}(note TEXT DEFAULT 'none', at TIMESTAMP, x REAL, name VARCHAR(50), id INTEGER)");

        await Rows(700).WriteToAsync(DataSinks.Database(_database!, _table));

        var read = await DataSources.Database(
            _database!,
            $"SELECT id, name, x, at, note FROM {_table} ORDER BY id",
            options => options.Schema = new Schema([.. Rows(1).Schema, new Field("note", ColumnType.Text)])).ReadAllAsync();
        Assert.That(
            read.Columns.Select(column => column.GetText(69)),
            Is.EqualTo(new[] { "69", "n69", "17.25", "2024-03-31T02:09:00.0000000Z", "none" }), "no zone moves a time");
    }

    [Test]
    public async Task Write_RowIsRefused_LeavesNothing()
    {
        await ExecuteAsync($"CREATE TABLE {_table}(id BIGINT CHECK (id < 2400), name TEXT, x DOUBLE PRECISION, at TIMESTAMP)");
        await Rows(10).WriteToAsync(DataSinks.Database(_database!, _table));

        Assert.That(
            () => Rows(2_500).WriteToAsync(DataSinks.Database(_database!, _table)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("rolled back"));
        Assert.That(await CountAsync(), Is.EqualTo(10));
    }

    [Test]
    public async Task Write_Unfinished_IsSeenByNobody()
    {
        await ExecuteAsync($"CREATE TABLE {_table}(id BIGINT, name TEXT, x DOUBLE PRECISION, at TIMESTAMP)");
        if (kind == "sqlite") await ExecuteAsync("PRAGMA journal_mode = WAL");
        var writer = await DataSinks.Database(_database!, _table).OpenAsync(Rows(1).Schema);
        await using (writer)
        {
            await writer.WriteAsync(Rows(2_000).ToBatches().First());
            Assert.That(await CountAsync(), Is.Zero);
            await writer.CompleteAsync();
            Assert.That(await CountAsync(), Is.EqualTo(2_000));
        }
    }

    [Test]
    public async Task Write_FromATableOfTheSameDatabase_IsRead()
    {
        await Rows(3_000).WriteToAsync(DataSinks.Database(_database!, _table, options => options.CreateTable = true));
        var copy = $"{_table}_copy";
        if (kind == "sqlite") await ExecuteAsync("PRAGMA journal_mode = WAL");
        try
        {
            var rows = await DataSources.Database(_database!, $"SELECT id, name FROM {_table}")
                .WriteToAsync(DataSinks.Database(_database!, copy, options => options.CreateTable = true));

            Assert.That((rows, await CountAsync(copy)), Is.EqualTo((3_000, 3_000)));
        }
        finally
        {
            await ExecuteAsync($"DROP TABLE IF EXISTS {copy}");
        }
    }

    [TestCase("a.b.")]
    [TestCase(".a")]
    [TestCase("a\0b")]
    [TestCase("a\nb")]
    public void Database_NameThatIsNone_IsRefused(string table) => Assert.That(
        () => DataSinks.Database(_database!, table), Throws.TypeOf<MlOpsException>().With.Message.Contains("name of the table"));

    private static Dataset Rows(int count)
    {
        var builder = new RecordBatchBuilder(
            new Schema(
                new Field("id", ColumnType.Integer),
                new Field("name", ColumnType.Text),
                new Field("x", ColumnType.Number),
                new Field("at", ColumnType.Timestamp)));
        for (var i = 0; i < count; i++)
        {
            ((IntegerColumnBuilder)builder[0]).Append(i);
            ((TextColumnBuilder)builder[1]).Append(i % 5 == 0 ? null : $"n{i}");
            ((NumberColumnBuilder)builder[2]).Append(i % 7 == 0 ? double.NaN : i / 4.0);
            ((TimestampColumnBuilder)builder[3]).Append(new DateTime(2024, 3, 31, 1, 0, 0, DateTimeKind.Utc).AddMinutes(i));
        }

        return Dataset.FromBatches(builder.Schema, [builder.Build()]);
    }

    private async Task<long> CountAsync(string? table = null)
    {
        await using var connection = await _database!.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table ?? _table}";
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await _database!.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
