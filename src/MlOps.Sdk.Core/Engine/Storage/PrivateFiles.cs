namespace MlOps.Sdk.Storage;

/// <summary>
/// Makes files and folders for the account of this process alone: 0600 and 0700. Below a folder that a group shares, one with the
/// mode 2770, the group gets the same rights. On Windows, what is made inherits the rights of its folder. Thread-safe.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode GroupFile = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode GroupFolder = GroupFile | UnixFileMode.GroupExecute;

    /// <summary>Creates a folder where it is missing. Folders above it get the usual rights.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path, OwnerFolder);

        // The mask of the process takes rights away when something is made, not when its rights are set.
        if (IsShared(path)) File.SetUnixFileMode(path, OwnerFolder | GroupFolder | UnixFileMode.SetGroup);
    }

    /// <summary>Creates a file and opens it.</summary>
    /// <exception cref="IOException">There is one already, or none can be made.</exception>
    public static FileStream CreateFile(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows()) return new FileStream(path, options);
        options.UnixCreateMode = OwnerFile;
        var file = new FileStream(path, options);
        if (IsShared(path)) File.SetUnixFileMode(file.SafeFileHandle, OwnerFile | GroupFile);
        return file;
    }

    private static bool IsShared(string path) =>
        !OperatingSystem.IsWindows()
        && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder
        && File.GetUnixFileMode(folder) is var mode
        && mode.HasFlag(UnixFileMode.GroupWrite | UnixFileMode.SetGroup);
}
