using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A CSV file. Opening reads it once to check every row, find the types out and hash the bytes; reading streams it again. Thread-safe.</summary>
internal sealed class CsvSource(string path, CsvOptions options) : IDataSource
{
    public string Name { get; } = Path.GetFileName(path) is { Length: > 0 } name ? name : path;

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        var inspection = await Task.Run(() => CsvInspection.Run(path, Name, options, request, ct), ct).ConfigureAwait(false);
        return new CsvScan(path, Name, options, inspection, Math.Min(request.BatchSize, RecordBatch.MaxRows));
    }

    internal static FileStream Open(string path, string name)
    {
        try
        {
            if (Directory.Exists(path)) throw new MlOpsException("The path is a directory.", "Give the path of a CSV file.") { DataSource = name };
            return new FileStream(path, new FileStreamOptions { Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MlOpsException("The file does not exist.", $"Check the path '{path}', which is relative to the working directory unless it is rooted.", e) { DataSource = name };
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new MlOpsException("The file cannot be opened.", "Check the path and that this process may read the file.", e) { DataSource = name };
        }
    }
}
