using System.Data.Common;
using DuckDB.NET.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests;

/// <summary>The limits and folders with which databases are opened.</summary>
internal sealed class DuckDbConnectionsTests
{
    private const string Spilling =
        "SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY md5(i::VARCHAR)) AS n FROM range(1500000) AS r(i))";
    private TempFolder _folder;

    [SetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void OpenConnection_OtherOfTheFileHasSpilled_Opens()
    {
        var options = new DuckDbOptions
        {
            DatabaseFile = Create("a.duckdb"), MemoryLimit = 64_000_000, TempDirectory = _folder["spill"], Threads = 2,
        };
        using var connections = new DuckDbConnections(options);
        using var first = connections.OpenConnection();
        Ask(first, Spilling);
        Assert.That(Directory.GetDirectories(_folder["spill"]), Is.Not.Empty, "Nothing was spilled.");

        using var second = connections.OpenConnection();

        Assert.That(Ask(second, "SELECT count(*) FROM t"), Is.EqualTo(1));
    }

    [TestCase("a;b.duckdb")]
    [TestCase("a;memory_limit=1B;b.duckdb")]
    [TestCase("it's \"a\" = b.duckdb")]
    public void OpenConnection_PathHasSpecialCharacters_OpensThatFile(string name)
    {
        using var connections = new DuckDbConnections(new DuckDbOptions { DatabaseFile = Create(name), TempDirectory = _folder["x;y='z"] });
        using var connection = connections.OpenConnection();

        Assert.That(Ask(connection, "SELECT count(*) FROM t"), Is.EqualTo(1));
        Assert.That(Ask(connection, "SELECT current_setting('memory_limit')"), Is.EqualTo("953.6 MiB"));
        Assert.That(Ask(connection, "SELECT current_setting('temp_directory')"), Does.StartWith(_folder["x;y='z"]));
    }

    [Test]
    public void OpenConnection_NoFolderNamed_HasAPrivateOneForEachDatabase()
    {
        using var connections = new DuckDbConnections(new DuckDbOptions());
        using var first = connections.OpenConnection();
        using var second = connections.OpenConnection();

        var folder = (string)Ask(first, "SELECT current_setting('temp_directory')");

        Assert.That(Ask(second, "SELECT current_setting('temp_directory')"), Is.Not.EqualTo(folder));
        Assert.That(Path.GetDirectoryName(folder), Is.EqualTo(TemporaryFolder.Path));
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode ownersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.That(File.GetUnixFileMode(TemporaryFolder.Path), Is.EqualTo(ownersAlone));
    }

    [Test]
    public void OpenConnection_ProcessBeforeWasKilled_RemovesItsFilesAndNoOthers()
    {
        foreach (var name in new[] { "mlops-duckdb-dead", "mlops-duckdb-alive", "others" })
        {
            Directory.CreateDirectory(_folder[Path.Combine("spill", name)]);
            _folder.Write(Path.Combine("spill", name, "held"), "");
            _folder.Write(Path.Combine("spill", name, "spilled.tmp"), "rows");
        }
        using var held = new FileStream(
            _folder[Path.Combine("spill", "mlops-duckdb-alive", "held")], FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        using var connections = new DuckDbConnections(new DuckDbOptions { TempDirectory = _folder["spill"] });
        using var connection = connections.OpenConnection();

        Assert.That(File.Exists(_folder[Path.Combine("spill", "mlops-duckdb-dead", "spilled.tmp")]), Is.False);
        Assert.That(File.Exists(_folder[Path.Combine("spill", "mlops-duckdb-alive", "spilled.tmp")]), Is.True);
        Assert.That(File.Exists(_folder[Path.Combine("spill", "others", "spilled.tmp")]), Is.True);
    }

    private static object Ask(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }

    private string Create(string name)
    {
        // DuckDB opens a path as it is; this provider's connection strings do not.
        var plain = _folder["plain.duckdb"];
        using (var database = new DuckDBConnection($"DataSource={plain}"))
        {
            database.Open();
            Ask(database, "CREATE TABLE t AS SELECT 1 AS x");
        }

        File.Move(plain, _folder[name]);
        return _folder[name];
    }
}
