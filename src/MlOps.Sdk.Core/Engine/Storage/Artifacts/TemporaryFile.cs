namespace MlOps.Sdk.Storage;

/// <summary>A file that is gone when it is closed. What it cannot write is reported with a remedy. Not thread-safe.</summary>
internal sealed class TemporaryFile : FileStream
{
    private readonly string _directory;

    private TemporaryFile(string directory, bool hasPath)
        : base(System.IO.Path.Combine(directory, $"mlops-{Guid.NewGuid():N}"), Options())
    {
        _directory = directory;
        Path = Name;

        // Windows deletes the file with its last handle. Elsewhere what has no name is gone with its process, also with one that is killed.
        if (OperatingSystem.IsWindows()) return;
        var link = $"/proc/self/fd/{SafeFileHandle.DangerousGetHandle()}";
        if (hasPath && File.Exists(link)) Path = link;
        if (!hasPath || Path == link) File.Delete(Name);
    }

    /// <summary>
    /// Where others of this process can open the file again, as long as this stream is open; only of a file that was made with a path.
    /// </summary>
    public string Path { get; }

    /// <param name="directory">Where the file is made; <see langword="null"/> for the system's temporary directory.</param>
    /// <param name="hasPath">
    /// Whether others must be able to open it. Neither on Windows nor where there is <c>/proc</c> does that change when it is gone;
    /// on other systems a process that is killed leaves it behind.
    /// </param>
    /// <exception cref="MlOpsException">There is no such directory, or nothing may be written there.</exception>
    public static TemporaryFile Create(string? directory = null, bool hasPath = false)
    {
        directory ??= System.IO.Path.GetTempPath();
        try
        {
            return new TemporaryFile(directory, hasPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(directory, e);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            base.Write(buffer);
        }
        catch (IOException e)
        {
            throw Unwritable(_directory, e);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw Unwritable(_directory, e);
        }
    }

    // Rows are nobody else's business.
    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan,
            BufferSize = 0
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static MlOpsException Unwritable(string directory, Exception e) =>
        new(
            $"The temporary file cannot be written: {e.Message}",
            "Make the temporary directory writable, and provide space there for a copy of the data.",
            e) { DataSource = directory };
}
