using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A file of records in text. Opening reads it once to check every record, find the types out and hash the text; reading streams it again. Thread-safe.</summary>
internal sealed class FileSource(string path, IRecordFormat format, string? name = null) : IDataSource
{
    public string Name { get; } = name ?? (Path.GetFileName(path) is { Length: > 0 } file ? file : path);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        var inspection = await Task.Run(() => FileInspection.Run(path, Name, format, request, ct), ct).ConfigureAwait(false);
        if (inspection.Records == 0) throw new MlOpsException("The file has no rows.", "Give a file with at least one row.") { DataSource = Name };
        return new FileScan(path, Name, format, inspection, request);
    }
}
