using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of a source, with some of its columns of whole numbers as numbers. Thread-safe.</summary>
/// <param name="source">The source.</param>
/// <param name="schema">Its columns, as they are to be.</param>
internal sealed class WidenedSource(IDataSource source, Schema schema) : IDataSource
{
    public string Name => source.Name;

    public IReadOnlyList<IDataSource> Sources => [source];

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default) =>
        new Scan(await source.OpenAsync(request, cancellationToken).ConfigureAwait(false), schema);

    private sealed class Scan(IDataScan scan, Schema schema) : IDataScan
    {
        public Schema Schema { get; } = new(scan.Schema.Select(field => schema[field.Name]));

        public ContentVersion? Version => scan.Version is { } version ? ContentVersion.Of($"{version.Value}\n{Schema}") : null;

        public ContentVersion? ReferenceVersion => scan.ReferenceVersion;

        public string? Query => scan.Query;

        public IReadOnlyList<string> Notes => scan.Notes;

        public Watermark? Watermark => scan.Watermark;

        public bool IsRepeatable => scan.IsRepeatable;

        public IReadOnlyList<MalformedRow> TakeMalformed() => scan.TakeMalformed();

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var batch in scan.ReadAsync(from, cancellationToken).ConfigureAwait(false))
                yield return new RecordBatch(Schema, [.. batch.Columns.Zip(Schema, (column, field) => column.As(field))]);
        }

        public ValueTask DisposeAsync() => scan.DisposeAsync();
    }
}
