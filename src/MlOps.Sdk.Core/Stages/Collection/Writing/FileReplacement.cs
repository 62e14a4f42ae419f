using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A file that is written under a temporary name in the folder where it belongs, and renamed when it is whole. Disposed of before, nothing
/// of it is left. Not thread-safe.
/// </summary>
internal sealed class FileReplacement : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _name;
    private readonly string _temporary;
    private readonly FileStream _file;
    private bool _completed;

    private FileReplacement(string path, string name, string temporary, FileStream file)
    {
        _path = path;
        _name = name;
        _temporary = temporary;
        _file = file;
    }

    public Stream Stream => _file;

    /// <exception cref="MlOpsException">There is a folder of that name, or no file can be made there.</exception>
    public static FileReplacement Begin(string path, string name)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new MlOpsException("The path of the file is a folder.", "Give the path of a file.") { DataSource = name };
        }
        var temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            return new FileReplacement(full, name, temporary, PrivateFiles.CreateFile(temporary));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                e is DirectoryNotFoundException ? "The folder of the file does not exist." : $"The file cannot be written: {e.Message}",
                "Give a path in a folder that exists and that this process may write to.",
                e) { DataSource = name };
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        _file.Flush(flushToDisk: true);
        await _file.DisposeAsync().ConfigureAwait(false);
        File.Move(_temporary, _path, overwrite: true);
        _completed = true;
    }

    /// <summary>What is said when the file cannot be written.</summary>
    public MlOpsException Failure(Exception cause) => new(
        $"The file cannot be written: {cause.Message}",
        "Check that there is space, and that this process may write there; the earlier file is unchanged.",
        cause) { DataSource = _name };

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        if (!_completed) File.Delete(_temporary);
    }
}
