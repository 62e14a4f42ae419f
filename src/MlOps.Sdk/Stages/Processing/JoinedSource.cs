using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>A source whose rows get the columns of another one, found by key. The other one is read whole, and held in memory, each time the source is opened. Thread-safe.</summary>
internal sealed class JoinedSource(IDataSource source, IDataSource reference, string[] on, JoinKind kind, string[]? columns, string prefix) : IDataSource
{
    public string Name => $"{source.Name} joined with {reference.Name}";

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken ct = default)
    {
        var table = ReferenceTable.Of(reference, columns is null ? null : [.. on.Union(columns)], request.Personal);
        await table.LoadAsync(ct).ConfigureAwait(false);
        var join = new JoinReference(table, on, kind, columns, prefix);

        // What does not come of the other source is asked of this one, with the key.
        var joined = (columns ?? [.. table.Rows.Schema.Select(field => field.Name).Except(on)]).Select(column => prefix + column).ToHashSet(StringComparer.Ordinal);
        string[]? wanted = request.Columns is null ? null : [.. request.Columns.Where(column => !joined.Contains(column)).Union(on)];
        var scan = await source.OpenAsync(request with { Columns = wanted }, ct).ConfigureAwait(false);
        try
        {
            var all = join.Bind(scan.Schema);
            var schema = request.Columns is null ? all : new Schema(request.Columns.Select(column => all.Contains(column) ? all[column] : throw NearestName.MissingColumn(column, "The request", all)));
            var looked = Hash($"{scan.ReferenceVersion?.Value}\n{table.ContentHash()}");
            return new Scan(scan, join, schema, scan.Version is { } own ? Hash($"{own.Value}\n{join}\n{looked.Value}") : null, looked, kind == JoinKind.Left && table.IsRepeatable);
        }
        catch
        {
            await scan.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static ContentVersion Hash(string content) => new($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}");

    private sealed class Scan(IDataScan scan, JoinReference join, Schema schema, ContentVersion? version, ContentVersion looked, bool mayRepeat) : IDataScan
    {
        public Schema Schema => schema;

        public ContentVersion? Version => version;

        public ContentVersion? ReferenceVersion => looked;

        public string? Query => scan.Query;

        public IReadOnlyList<string> Notes => scan.Notes;

        // An inner join leaves rows out, so its positions are not those of the source; and whoever reads on opens the reference again.
        public bool IsRepeatable => scan.IsRepeatable && mayRepeat;

        public Watermark? Watermark => scan.Watermark;

        public IReadOnlyList<MalformedRow> TakeMalformed() => scan.TakeMalformed();

        public async IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, [EnumeratorCancellation] CancellationToken ct = default)
        {
            if (!IsRepeatable && from is { Row: > 0 }) throw new MlOpsException("The joined rows cannot be read from a position.", "Read them from the start, or join by JoinKind.Left sources that are both repeatable.");
            await foreach (var batch in join.ProcessAsync(scan.ReadAsync(from, ct), ct).ConfigureAwait(false))
                yield return new RecordBatch(schema, [.. schema.Select(field => batch[field.Name])]);
        }

        public ValueTask DisposeAsync() => scan.DisposeAsync();
    }
}
