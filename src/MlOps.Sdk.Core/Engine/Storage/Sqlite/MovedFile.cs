using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Tells whether the file of an open database is still the one under its path. On Unix a file can be deleted, moved or replaced while it
/// is open; what is written to it then is gone when it is closed. Windows does not let that happen.
/// </summary>
internal static partial class MovedFile
{
    // sqlite3.h: SQLITE_FCNTL_HAS_MOVED
    private const int HasMoved = 20;

    public static bool Is(SqliteConnection connection, string path)
    {
        try
        {
            var moved = 0;
            var handle = connection.Handle!;
            var isKnown = FileControl(handle.DangerousGetHandle(), "main", HasMoved, ref moved) == 0;
            GC.KeepAlive(handle);
            return isKnown ? moved != 0 : !File.Exists(path);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A program may bring SQLite under another name.
            return !File.Exists(path);
        }
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(nint database, string name, int operation, ref int result);
}
