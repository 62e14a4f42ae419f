using System.Runtime.CompilerServices;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>The rows of another source, one by one, with whatever may go wrong on the way.</summary>
internal sealed class TroubledSource(IDataSource rows) : IDataSource
{
    public string Name => "troubled";

    public int Openings { get; private set; }

    public bool HasVersion { get; init; }

    public bool Repeatable { get; init; } = true;

    public string? Query { get; init; }

    public string? Note { get; init; }

    /// <summary>What happens at an opening, counted from 1; <see langword="null"/> for nothing.</summary>
    public Func<int, Exception?> Open { get; init; } = _ => null;

    /// <summary>What happens before a row, counted from 0, of an opening.</summary>
    public Func<int, long, Exception?> Read { get; init; } = (_, _) => null;

    public Exception? Close { get; init; }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        if (Open(++Openings) is { } failure) throw failure;
        return new Scan(this, await rows.OpenAsync(request with { BatchSize = 1 }, cancellationToken), Openings);
    }

    private sealed class Scan(TroubledSource source, IDataScan scan, int opening) : IDataScan
    {
        public Schema Schema => scan.Schema;

        public ContentVersion? Version => source.HasVersion ? scan.Version : null;

        public string? Query => source.Query;

        public IReadOnlyList<string> Notes => source.Note is { } note ? [note] : [];

        public bool IsRepeatable => source.Repeatable;

        public IReadOnlyList<MalformedRow> TakeMalformed() => scan.TakeMalformed();

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var row = from?.Row ?? 0;
            await foreach (var batch in scan.ReadAsync(from, cancellationToken))
            {
                if (source.Read(opening, row++) is { } failure) throw failure;
                yield return batch;
            }

            if (source.Read(opening, row) is { } last) throw last;
        }

        public async ValueTask DisposeAsync()
        {
            await scan.DisposeAsync();
            if (source.Close is { } failure) throw failure;
        }
    }
}
