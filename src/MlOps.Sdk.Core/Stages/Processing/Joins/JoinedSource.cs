using System.Runtime.CompilerServices;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// A source whose rows get the columns of another one, found by key. The other one is read whole, and held in memory, each time the
/// source is opened. Thread-safe.
/// </summary>
internal sealed class JoinedSource(
    IDataSource source, IDataSource reference, string[] on, JoinKind kind, string[]? columns, string prefix) : IDataSource
{
    public string Name => $"{source.Name} joined with {reference.Name}";

    public IReadOnlyList<IDataSource> Sources => [source, reference];

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        var table = ReferenceTable.Of(reference, columns is null ? null : [.. on.Union(columns)], request.Personal);
        await table.LoadAsync([], cancellationToken).ConfigureAwait(false);
        var join = new JoinReference(table, on, kind, columns, prefix);

        // All columns are read, whatever is wanted: a column that both have would else be that of the reference without a word.
        var scan = await source.OpenAsync(
            request with { Columns = null, BrokenOff = (request.BrokenOff as Scan)?.Rows },
            cancellationToken).ConfigureAwait(false);
        try
        {
            var all = Bind(join, scan.Schema, request);
            var schema = request.Columns is null ? all : new Schema(request.Columns.Select(
                column => all.Contains(column) ? all[column] : throw NearestName.MissingColumn(column, "The request", all)));
            var looked = ContentVersion.Of($"{scan.ReferenceVersion?.Value}\n{table.ContentHash()}");
            return new Scan(
                scan,
                join,
                schema,
                SourceSummary.QueryOf([(source.Name, scan.Query), (reference.Name, table.Query)]),
                scan.Version is { } own ? ContentVersion.Of($"{own.Value}\n{join}\n{looked.Value}") : null,
                looked,
                kind == JoinKind.Left && table.IsRepeatable);
        }
        catch
        {
            await scan.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Schema Bind(JoinReference join, Schema schema, ReadRequest request)
    {
        try
        {
            return join.Bind(schema);
        }
        catch (MlOpsException e) when (request.Personal.Count > 0)
        {
            throw e.Column is { } column && on.Contains(column) ? PersonalColumns.HideNames(e, Name) : PersonalColumns.Hide(e, Name);
        }
    }

    private sealed class Scan(
        IDataScan scan,
        JoinReference join,
        Schema schema,
        string? query,
        ContentVersion? version,
        ContentVersion looked,
        bool mayRepeat) : IDataScan
    {
        private bool _isRest;

        public IDataScan Rows => scan;

        public Schema Schema => schema;

        public ContentVersion? Version => version;

        public ContentVersion? ReferenceVersion => looked;

        public string? Query => query;

        // What is read behind a position may find nothing where the rows before did.
        public IReadOnlyList<string> Notes =>
        [
            .. scan.Notes,
            .. join.Reference.Notes,
            .. !_isRest && join.Note is { } note ? [note] : Array.Empty<string>()
        ];

        // An inner join leaves rows out, so its positions are not those of the source; and whoever reads on opens the reference again.
        public bool IsRepeatable => scan.IsRepeatable && mayRepeat;

        public Watermark? Watermark => scan.Watermark;

        public IReadOnlyList<MalformedRow> TakeMalformed() => scan.TakeMalformed();

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            if (!IsRepeatable && from is { Row: > 0 })
            {
                throw new MlOpsException(
                    "The joined rows cannot be read from a position.",
                    "Read them from the start, or use JoinKind.Left with two repeatable sources.");
            }
            _isRest |= from is { Row: > 0 };
            await foreach (var batch in join.ProcessAsync(scan.ReadAsync(from, cancellationToken), cancellationToken).ConfigureAwait(false))
                yield return new RecordBatch(schema, [.. schema.Select(field => batch[field.Name])]);
        }

        public ValueTask DisposeAsync() => scan.DisposeAsync();
    }
}
