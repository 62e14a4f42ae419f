using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of a Parquet file, one row group in memory at a time.</summary>
internal sealed class ParquetScan(IFileContent content, string name, ParquetTable table, ReadRequest request) : IDataScan
{
    public Schema Schema { get; } = table.Schema;

    public ContentVersion? Version => table.Version;

    public bool IsRepeatable => true;

    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        Position? from = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = content.Open(name, cancellationToken);
        await using (file.ConfigureAwait(false))
        {
            CheckUnchanged();
            var memory = new UnpackedBytes(table.Reading, name);
            var skip = from?.Row ?? 0;
            var size = request.RowsOf(Schema);
            foreach (var group in table.Groups)
            {
                if (table.Filters.Count == 0 && skip >= group.Rows)
                {
                    skip -= group.Rows;
                    continue;
                }

                var rows = await RowGroupRows.OpenAsync(file, table, group, memory, name, cancellationToken).ConfigureAwait(false);
                if (table.Filters.Count == 0 && skip > 0)
                {
                    rows.Skip((int)skip);
                    skip = 0;
                }

                while (rows.HasMore)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (rows.Next(Schema, size) is not { } batch) continue;
                    if (skip >= batch.RowCount)
                    {
                        skip -= batch.RowCount;
                        continue;
                    }

                    yield return skip == 0 ? batch : batch.Take([.. Enumerable.Range((int)skip, batch.RowCount - (int)skip)]);
                    skip = 0;
                }
            }

            CheckUnchanged();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void CheckUnchanged()
    {
        if (content.Stamp() != table.Stamp) throw FileInspection.Changed(name);
    }
}
