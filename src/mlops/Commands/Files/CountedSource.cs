using System.Runtime.CompilerServices;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tool;

/// <summary>A source that tells how many rows were read of it, over all its readings.</summary>
internal sealed class CountedSource(IDataSource source, IProgress<long> progress) : IDataSource
{
    private long _rows;

    public string Name => source.Name;

    public IReadOnlyList<IDataSource> Sources => [source];

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default) =>
        new Scan(this, await source.OpenAsync(request, cancellationToken).ConfigureAwait(false), progress);

    private sealed class Scan(CountedSource owner, IDataScan scan, IProgress<long> progress) : IDataScan
    {
        public Schema Schema => scan.Schema;

        public ContentVersion? Version => scan.Version;

        public ContentVersion? ReferenceVersion => scan.ReferenceVersion;

        public string? Query => scan.Query;

        public IReadOnlyList<string> Notes => scan.Notes;

        public bool IsRepeatable => scan.IsRepeatable;

        public Watermark? Watermark => scan.Watermark;

        public IReadOnlyList<MalformedRow> TakeMalformed() => scan.TakeMalformed();

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var batch in scan.ReadAsync(from, cancellationToken).ConfigureAwait(false))
            {
                progress.Report(Interlocked.Add(ref owner._rows, batch.RowCount));
                yield return batch;
            }
        }

        public ValueTask DisposeAsync() => scan.DisposeAsync();
    }
}
