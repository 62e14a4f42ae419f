namespace MlOps.Sdk.Benchmarks.Writers;

/// <summary>A way to wait for the write lock of the database.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="BusyTimeout">How long SQLite waits by itself, in milliseconds; <see langword="null"/> for as the store opens it.</param>
/// <param name="IsShared">Whether the writers of a process share one connection through the store, or have one each.</param>
/// <param name="Title">What it is.</param>
internal sealed record WriterVariant(string Name, int? BusyTimeout, bool IsShared, string Title)
{
    public static readonly IReadOnlyList<WriterVariant> All =
    [
        new("library", null, IsShared: true, "the library"),
        new("timeout60", 60_000, IsShared: true, "its store with `busy_timeout` = 60000"),
        new("timeout5", 5_000, IsShared: true, "its store with `busy_timeout` = 5000"),
        new("short", 5, IsShared: true, "its store with `busy_timeout` = 5, then its own wait"),
        new("connections", 60_000, IsShared: false, "a connection for every writer, `busy_timeout` = 60000"),
    ];
}
