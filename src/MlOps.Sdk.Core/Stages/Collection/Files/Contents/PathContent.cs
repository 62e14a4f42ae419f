using Microsoft.Win32.SafeHandles;

namespace MlOps.Sdk.Collection;

/// <summary>A file of the file system.</summary>
internal sealed class PathContent(string path) : IFileContent
{
    public ContentVersion? Version => null;

    /// <summary>The name of the file, or its path where it has none.</summary>
    public static string NameOf(string path) => Path.GetFileName(path) is { Length: > 0 } name ? name : path;

    public bool IsRemote => false;

    public Stream Open(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (Directory.Exists(path))
            {
                throw new MlOpsException(
                    "The path is a directory.",
                    "Give the path of a file, or read all files of a directory with FromFolder.") { DataSource = name };
            }
            if (IsSpecial())
            {
                throw new MlOpsException(
                    "The path is a pipe or a device, whose data can be read once only, and reading a file takes several passes.",
                    "Write the data to a file first, and give the path of that file.") { DataSource = name };
            }
            return new FileStream(path, new FileStreamOptions
            {
                Options = FileOptions.SequentialScan,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MlOpsException(
                "The file does not exist.",
                $"Check the path '{path}', which is relative to the working directory unless it is rooted.",
                e) { DataSource = name };
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new MlOpsException(
                "The file cannot be opened.", "Check the path and that this process may read the file.", e) { DataSource = name };
        }
    }

    // Of the file that a link leads to.
    public (long Length, DateTime Time) Stamp()
    {
        // An impossible path is reported when it is opened.
        if (!File.Exists(path) || IsSpecial()) return default;
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return (RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return default;
        }
    }

    // Opening a pipe for reading waits for a writer, and takes its data; opening it for both does neither.
    private bool IsSpecial()
    {
        if (OperatingSystem.IsWindows() || new FileInfo(path) is not { Exists: true, Length: 0 }) return false;
        try
        {
            using var file = File.OpenHandle(path, access: FileAccess.ReadWrite, share: FileShare.ReadWrite | FileShare.Delete);
            return !IsSeekable(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsSeekable(SafeFileHandle file)
    {
        try
        {
            _ = RandomAccess.GetLength(file);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }
}
