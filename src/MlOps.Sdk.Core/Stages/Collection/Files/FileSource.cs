namespace MlOps.Sdk.Collection;

/// <summary>
/// A file of records in text. Opening reads it once to check every record, find the types out and hash the text; reading
/// streams it again. Thread-safe.
/// </summary>
internal sealed class FileSource(string path, IRecordFormat format, string? name = null) : IFileSource
{
    public string Name { get; } = name ?? (Path.GetFileName(path) is { Length: > 0 } file ? file : path);

    public IFileSource WithName(string name) => new FileSource(path, format, name);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        var inspection = await RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (inspection.Records == 0)
        {
            throw new MlOpsException("The file has no rows.", "Give a file with at least one row.") { DataSource = Name };
        }
        return new FileScan(path, Name, format, inspection, request);
    }

    public async ValueTask<FolderPart> InspectAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        var inspection = await RunAsync(request, cancellationToken).ConfigureAwait(false);
        return new FolderPart(
            Name,
            inspection.Schema,
            inspection.Version,
            inspection.Records,
            schema => new FileScan(path, Name, format, inspection with { Schema = schema }, request))
        {
            FoundTypes = format.Schema is null ? inspection.Types : null,
            MayLackColumns = format.MayLackColumns,
            Notes = inspection.Notes,
            Absent = inspection.Absent,
        };
    }

    private async ValueTask<FileInspection> RunAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        return await Task.Run(
            () => FileInspection.Run(path, Name, format, request, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }
}
