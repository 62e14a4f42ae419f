namespace MlOps.Sdk.Storage;

/// <summary>A file that is gone when it is closed. What it cannot write is told with what to do about it. Not thread-safe.</summary>
internal sealed class TemporaryFile : FileStream
{
    private readonly string _directory;

    private TemporaryFile(string directory)
        : base(Path.Combine(directory, $"mlops-{Guid.NewGuid():N}"), Options())
    {
        _directory = directory;

        // What has no name is gone with its process, also with one that is killed.
        if (!OperatingSystem.IsWindows()) File.Delete(Name);
    }

    /// <param name="directory">Where the file is made; <see langword="null"/> for the system's temporary directory.</param>
    /// <exception cref="MlOpsException">There is no such directory, or nothing may be written there.</exception>
    public static TemporaryFile Create(string? directory = null)
    {
        directory ??= Path.GetTempPath();
        try
        {
            return new TemporaryFile(directory);
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
            "Make the temporary directory writable, and leave room there for a copy of the data.",
            e) { DataSource = directory };
}
