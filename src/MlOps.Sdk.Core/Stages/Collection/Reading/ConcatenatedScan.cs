using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Several open sources, read one after the other. Not thread-safe.</summary>
internal sealed class ConcatenatedScan(IReadOnlyList<IDataSource> sources) : IDataScan
{
    private readonly List<IDataScan> _scans = [];
    private readonly List<MalformedRow> _malformed = [];

    public Schema Schema => _scans[0].Schema;

    public ContentVersion? Version =>
        _scans.Any(scan => scan.Version is null) ? null : ContentVersion.Of(_scans.Select(scan => scan.Version));

    public ContentVersion? ReferenceVersion =>
        _scans.All(scan => scan.ReferenceVersion is null) ? null : ContentVersion.Of(_scans.Select(scan => scan.ReferenceVersion));

    public string? Query => SourceSummary.QueryOf(sources.Zip(_scans, (source, scan) => (source.Name, scan.Query)));

    public IReadOnlyList<string> Notes => [.. _scans.SelectMany(scan => scan.Notes)];

    public bool IsRepeatable => _scans.TrueForAll(scan => scan.IsRepeatable);

    /// <summary>Opens all sources.</summary>
    /// <exception cref="MlOpsException">One cannot be opened, or its columns differ from those of the first.</exception>
    public async ValueTask OpenAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        var brokenOff = request.BrokenOff as ConcatenatedScan;
        foreach (var source in sources)
        {
            _scans.Add(await source.OpenAsync(
                request with { BrokenOff = brokenOff?._scans.ElementAtOrDefault(_scans.Count) },
                cancellationToken).ConfigureAwait(false));
            try
            {
                CollectionReader.Compare(sources[0].Name, Schema, source.Name, _scans[^1].Schema);
            }
            catch (MlOpsException e) when (request.Personal.Count > 0)
            {
                throw PersonalColumns.Hide(e, source.Name);
            }
        }
    }

    public IReadOnlyList<MalformedRow> TakeMalformed()
    {
        MalformedRow[] taken = [.. _malformed];
        _malformed.Clear();
        return taken;
    }

    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        Position? from = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var left = from?.Row ?? 0;
        if (left > 0 && !IsRepeatable)
        {
            throw new MlOpsException(
                "The rows cannot be read from a position, because not all of the sources can.",
                "Read them from the start, or use sources that are repeatable.");
        }
        foreach (var scan in _scans)
        {
            if (left > 0 && await CountAsync(scan, left, cancellationToken).ConfigureAwait(false) is var count && count <= left)
            {
                left -= count;
                continue;
            }

            await foreach (var batch in scan.ReadAsync(left > 0 ? new Position(left) : null, cancellationToken).ConfigureAwait(false))
            {
                _malformed.AddRange(scan.TakeMalformed());

                // One schema object for all batches, so that bindings are made once.
                yield return ReferenceEquals(batch.Schema, Schema) ? batch : new RecordBatch(Schema, batch.Columns);
            }

            _malformed.AddRange(scan.TakeMalformed());
            left = 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A source that cannot be closed keeps no other open.
        await Task.WhenAll(_scans.Select(async scan => await scan.DisposeAsync().ConfigureAwait(false))).ConfigureAwait(false);
    }

    // Only by reading it is known how many rows a source has, malformed ones included; counting ends behind the position.
    private static async Task<long> CountAsync(IDataScan scan, long position, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (var batch in scan.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            count += batch.RowCount + scan.TakeMalformed().Count(row => !row.IsKept);
            if (count > position) return count;
        }

        return count + scan.TakeMalformed().Count(row => !row.IsKept);
    }
}
