namespace MlOps.Sdk.Collection;

/// <summary>The rows of several sources with equal columns, one source after the other. Thread-safe.</summary>
internal sealed class ConcatenatedSource(IReadOnlyList<IDataSource> sources) : IDataSource
{
    public string Name => string.Join(" and ", sources.Select(source => source.Name));

    public IReadOnlyList<IDataSource> Sources => sources;

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        if (request.After is not null)
        {
            throw new MlOpsException(
                "Concatenated sources do not support OnlyNew.",
                "Add the sources one by one, with From(…) for each.") { DataSource = Name };
        }
        var scan = new ConcatenatedScan(sources);
        try
        {
            await scan.OpenAsync(request, cancellationToken).ConfigureAwait(false);
            return scan;
        }
        catch
        {
            await scan.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
