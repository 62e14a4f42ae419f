using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace MlOps.Sdk.Storage;

/// <summary>A database file: how connections to it are opened, and what its failures mean to the reader.</summary>
internal sealed class SqliteFile
{
    private const string MendPermissions =
        "Check the permissions of the file and its folder, and that the disk is not mounted read-only.";

    private readonly string _connectionString;
    private readonly ILogger _logger;
    private bool _numbersTell;

    static SqliteFile() => Batteries_V2.Init();

    public SqliteFile(string path, ILogger logger)
    {
        Path = path;
        _logger = logger;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            ForeignKeys = true,
            // The driver sleeps 150 ms between its retries; let it give up early, ours is quicker.
            DefaultTimeout = 1,
        }.ToString();
    }

    public string Path { get; }

    /// <summary>Rejects places where SQLite cannot keep its promises, and creates the folder.</summary>
    public void Prepare()
    {
        if (Directory.Exists(Path))
        {
            throw new MlOpsException(
                "The database path is a folder.",
                "Name a file, for example 'mlops.db' inside that folder.") { DataSource = Path };
        }

        try
        {
            PrivateFiles.CreateFolder(System.IO.Path.GetDirectoryName(Path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The folder of the database cannot be created: {e.Message}",
                "Choose a folder that this account may write to.",
                e) { DataSource = Path };
        }

        if (NetworkShare.Contains(Path))
        {
            throw new MlOpsException(
                "The database lies on a network share, where SQLite's locks are not reliable and data can be lost.",
                "Choose a folder on a local disk; to share one workspace between machines, " +
                    "use the PostgreSQL store.") { DataSource = Path };
        }
    }

    /// <summary>Opens a connection; the file is created when missing.</summary>
    public SqliteConnection Open(CancellationToken cancellationToken)
    {
        CreateIfMissing();
        return Open(_connectionString, mustWrite: true, cancellationToken);
    }

    /// <summary>Opens a connection to read from a file that is there, also while it may not be written.</summary>
    public SqliteConnection OpenReader(CancellationToken cancellationToken) => OpenExisting(mustWrite: false, cancellationToken);

    /// <summary>Opens the connection that <see cref="RequireInPlace"/> is asked with.</summary>
    public SqliteConnection OpenAnchor(CancellationToken cancellationToken)
    {
        var connection = OpenExisting(mustWrite: true, cancellationToken);
        // Some file systems give a file another number whenever it is queried: there only a missing file can be told.
        _numbersTell = !MovedFile.Is(connection, Path);
        return connection;
    }

    /// <summary>Whether the file that a connection was opened on is still the one under its path.</summary>
    public bool IsInPlace(SqliteConnection connection) => _numbersTell ? !MovedFile.Is(connection, Path) : File.Exists(Path);

    /// <summary>Refuses to work on with a file that is no longer the one under its path.</summary>
    public void RequireInPlace(SqliteConnection connection)
    {
        if (IsInPlace(connection)) return;
        throw Failure(
            "The database file was moved, deleted or replaced while it was open: nothing was written.",
            "Put it back, or save its content with BackupAsync; then close the workspace and open it again.",
            null);
    }

    // SQLite takes an empty file for a new database, and gives the files beside it the same rights.
    private void CreateIfMissing()
    {
        try
        {
            // A link is there also where the file that it leads to is not.
            var file = new FileInfo(Path);
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            if (!target.Exists) PrivateFiles.CreateFile(target.FullName).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process was quicker, or SQLite says why not.
        }
    }

    private SqliteConnection OpenExisting(bool mustWrite, CancellationToken cancellationToken) => Open(
        new SqliteConnectionStringBuilder(_connectionString) { Mode = SqliteOpenMode.ReadWrite }.ToString(), mustWrite, cancellationToken);

    private SqliteConnection Open(string connectionString, bool mustWrite, CancellationToken cancellationToken)
    {
        var wait = StartWaiting();
        while (true)
        {
            var connection = new SqliteConnection(connectionString);
            try
            {
                connection.Open();
                if (mustWrite && raw.sqlite3_db_readonly(connection.Handle, "main") == 1) throw CannotBeOpenedToWrite(null);

                // SQLite waits up to 100 ms between its tries, which starves other processes: WaitForLock waits instead.
                Execute(connection, "PRAGMA busy_timeout = 0");
                Execute(connection, "PRAGMA journal_mode = WAL");
                Execute(connection, "PRAGMA synchronous = FULL");
                return connection;
            }
            catch (SqliteException e)
            {
                connection.Dispose();
                if (!IsBusy(e) || !wait.Again(cancellationToken))
                {
                    throw mustWrite && (e.SqliteErrorCode & 0xFF) == raw.SQLITE_READONLY ? CannotBeOpenedToWrite(e) : Translate(e);
                }
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>Takes the write lock of the file, waiting for other processes.</summary>
    /// <returns>Whether it had to wait.</returns>
    public bool BeginImmediate(SqliteConnection connection, CancellationToken cancellationToken)
    {
        var wait = StartWaiting();
        while (true)
        {
            var rc = raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE");
            if (rc == raw.SQLITE_OK) return wait.HasWaited;
            if (!IsBusy(rc)) SqliteException.ThrowExceptionForRC(rc, connection.Handle);
            if (!wait.Again(cancellationToken)) throw Locked(null);
        }
    }

    public WaitForLock StartWaiting() => new(_logger, Path);

    public static void Execute(SqliteConnection connection, string sql) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, sql), connection.Handle);

    /// <summary>Whether the connection is inside a transaction; grave failures end it without being asked.</summary>
    public static bool IsInTransaction(SqliteConnection connection) => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Copies the whole database through the backup interface.</summary>
    /// <returns>The size of the copy in bytes.</returns>
    public static long Copy(SqliteConnection source, string path)
    {
        using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()))
        {
            target.Open();
            source.BackupDatabase(target);
        }

        return new FileInfo(path).Length;
    }

    public static bool IsBusy(SqliteException e) => IsBusy(e.SqliteErrorCode);

    /// <summary>Puts a failure of SQLite into words.</summary>
    public MlOpsException Translate(SqliteException e) => (e.SqliteErrorCode & 0xFF) switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => Locked(e),
        raw.SQLITE_FULL => Failure(
            "The disk is full: nothing was written.", "Free some space and repeat the operation; earlier data is not affected.", e),
        raw.SQLITE_CORRUPT => Failure(
            "The database file is damaged.",
            "Restore it from a backup; keep the damaged file, parts of it may be recoverable with 'sqlite3 mlops.db .recover'.",
            e),
        raw.SQLITE_NOTADB => Failure(
            "The file is not an SQLite database, or its header is damaged.",
            "Choose another path, or restore the file from a backup.",
            e),
        raw.SQLITE_READONLY or raw.SQLITE_PERM => CannotBeWritten(MendPermissions, e),
        raw.SQLITE_CANTOPEN => Failure(
            "The database file cannot be opened or created.", "Check that the folder exists and that this account may write to it.", e),
        raw.SQLITE_IOERR => Failure(
            $"The disk reported an error: {e.Message}",
            "Check the disk, its free space and quota, and that it is not mounted read-only; then repeat the operation.",
            e),
        raw.SQLITE_NOMEM => Failure("There is not enough memory for the operation.", "Free some memory and repeat the operation.", e),
        _ => Failure(
            $"The database rejected the operation: {e.Message}",
            "The operation was undone; if the database was not changed by another program, report this message.",
            e),
    };

    private static bool IsBusy(int code) => (code & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL;

    private MlOpsException Locked(SqliteException? e) => Failure(
        $"Another process has held the write lock of the database for {WaitForLock.Limit.TotalSeconds:0} seconds.",
        "Look for a program that keeps a transaction open (an SQL tool, a suspended process) and close it.", e);

    private MlOpsException CannotBeOpenedToWrite(SqliteException? e) => CannotBeWritten(
        $"{MendPermissions} Who only reads opens a workspace to write, too: where it must stay read-only, open a copy of it elsewhere.", e);

    private MlOpsException CannotBeWritten(string remedy, SqliteException? e) =>
        Failure("The database file cannot be written.", remedy, e);

    private MlOpsException Failure(string problem, string remedy, Exception? inner) => new(problem, remedy, inner) { DataSource = Path };
}
