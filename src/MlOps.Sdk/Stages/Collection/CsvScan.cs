using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of a CSV file that has been inspected. Opens the file anew for each reading.</summary>
internal sealed class CsvScan(string path, string name, CsvOptions options, CsvInspection inspection, int batchSize) : IDataScan
{
    public Schema Schema => inspection.Schema;

    public ContentVersion? Version => inspection.Version;

    public bool IsRepeatable => true;

    public IReadOnlyList<string> Notes => inspection.Notes;

    public async IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        CheckUnchanged();
        using var file = CsvSource.Open(path, name);
        using var table = new CsvTable(file, options, name, trackLines: false);
        table.ReadHeader();
        var row = 0L;
        for (; row < (from?.Row ?? 0); row++)
        {
            if (!table.Read(check: false)) throw Changed();
        }

        var builder = new RecordBatchBuilder(Schema, batchSize);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var batch = await Task.Run(() => NextBatch(table, builder), ct).ConfigureAwait(false);
            row += batch.RowCount;
            if (batch.RowCount < batchSize)
            {
                CheckUnchanged();
                if (row != inspection.Rows) throw Changed();
            }

            if (batch.RowCount > 0) yield return batch;
            if (batch.RowCount < batchSize) yield break;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private RecordBatch NextBatch(CsvTable table, RecordBatchBuilder builder)
    {
        for (var rows = 0; rows < batchSize && table.Read(check: false); rows++)
        {
            for (var i = 0; i < inspection.Ordinals.Length; i++)
            {
                var value = table.Field(inspection.Ordinals[i]);
                if (table.IsNull(value)) builder[i].AppendNull();
                else Append(builder[i], value);
            }
        }

        return builder.Build();
    }

    private void Append(ColumnBuilder to, ReadOnlySpan<byte> value)
    {
        switch (to)
        {
            case NumberColumnBuilder numbers when FieldText.TryNumber(value, out var number): numbers.Append(number); break;
            case IntegerColumnBuilder integers when FieldText.TryInteger(value, out var integer): integers.Append(integer); break;
            case TextColumnBuilder texts: texts.AppendUtf8(value); break;
            case BooleanColumnBuilder flags when FieldText.TryFlag(value, out var flag): flags.Append(flag); break;
            case TimestampColumnBuilder times when FieldText.TryTimestamp(value, out var ticks): times.Append(new DateTime(ticks, DateTimeKind.Utc)); break;
            default: throw Changed();
        }
    }

    private void CheckUnchanged()
    {
        if (CsvInspection.StampOf(path) != inspection.Stamp) throw Changed();
    }

    private MlOpsException Changed() =>
        new("The file changed while it was being read.", "Write files under another name and rename them when they are complete, then run again.") { DataSource = name };
}
