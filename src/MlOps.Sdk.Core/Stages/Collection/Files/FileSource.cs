namespace MlOps.Sdk.Collection;

/// <summary>
/// A file of records in text. Opening reads it once to check every record, find the types out and hash the text; reading
/// streams it again. Thread-safe.
/// </summary>
internal sealed class FileSource(TextFile file, IRecordFormat format) : IFileSource
{
    public FileSource(string path, IRecordFormat format)
        : this(new TextFile(new PathContent(path), PathContent.NameOf(path)), format)
    {
    }

    public string Name => file.Name;

    public IFileSource As(string name, long maxUnpackedBytes) =>
        new FileSource(file with { Name = name, MaxUnpackedBytes = maxUnpackedBytes }, format);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        var inspection = await RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (inspection.Records == 0)
        {
            throw new MlOpsException("The file has no rows.", "Give a file with at least one row.") { DataSource = Name };
        }
        return new FileScan(file, format, inspection, request);
    }

    public async ValueTask<FolderPart> InspectAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        var inspection = await RunAsync(request, cancellationToken).ConfigureAwait(false);
        return new FolderPart(
            Name,
            inspection.Schema,
            inspection.Version,
            inspection.Records,
            schema => new FileScan(file, format, inspection with { Schema = schema }, request))
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
        return await file.RunAsync(
            () => FileInspection.Run(file, format, request, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }
}
