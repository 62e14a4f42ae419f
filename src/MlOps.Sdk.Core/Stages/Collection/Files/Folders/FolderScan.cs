using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of files of a folder, one after the other.</summary>
internal sealed class FolderScan(
    FolderTable table,
    IReadOnlyList<FolderPart> parts,
    Watermark watermark,
    ContentVersion version,
    IReadOnlyList<string> notes) : IDataScan
{
    private List<MalformedRow> _malformed = [];

    public Schema Schema => table.Schema;

    public ContentVersion? Version => version;

    public Watermark? Watermark => watermark;

    public IReadOnlyList<string> Notes => notes;

    public bool IsRepeatable => true;

    public IReadOnlyList<MalformedRow> TakeMalformed()
    {
        var taken = _malformed;
        _malformed = [];
        return taken;
    }

    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        Position? from = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _malformed = [];
        var first = from?.Row ?? 0;
        foreach (var part in parts)
        {
            if (first >= part.Records)
            {
                first -= part.Records;
                continue;
            }

            var scan = part.Read(table.Files);
            await using (scan.ConfigureAwait(false))
            {
                await foreach (var batch in scan.ReadAsync(new Position(first), cancellationToken).ConfigureAwait(false))
                {
                    _malformed.AddRange(scan.TakeMalformed());
                    yield return new RecordBatch(Schema, [.. Schema.Select(
                        field => table.Files.Contains(field.Name) ? batch[field.Name] : Constant(part, field, batch.RowCount))]);
                }

                _malformed.AddRange(scan.TakeMalformed());
            }

            first = 0;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Column Constant(FolderPart part, Field field, int count)
    {
        var value = part.Partition.First(partition => partition.Column == field.Name).Value;
        var column = ColumnBuilder.Create(field.Type, 1, count);
        for (var row = 0; row < count; row++)
        {
            if (value is null)
            {
                column.AppendNull();
            }
            else if (column is IntegerColumnBuilder integers)
            {
                integers.Append(long.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
            }
            else
            {
                ((TextColumnBuilder)column).Append(value);
            }
        }

        return column.Build();
    }
}
