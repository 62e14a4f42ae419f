using System.Runtime.CompilerServices;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of a text file that has been inspected. Opens the file again for each reading.</summary>
internal sealed class FileScan(TextFile source, IRecordFormat format, FileInspection inspection, ReadRequest request) : IDataScan
{
    // A batch ends early rather than hold more text of malformed rows than this.
    private const int MaxMalformedText = 1 << 20;

    // A batch ends early rather than hold more bytes of the file than this.
    private const int MaxBatchBytes = 16 << 20;
    private readonly int _batchSize = request.RowsOf(inspection.Schema);
    private List<MalformedRow> _malformed = [];

    public Schema Schema => inspection.Schema;

    public ContentVersion? Version => inspection.Version;

    public Watermark? Watermark => inspection.Watermark;

    public IReadOnlyList<string> Notes => [.. inspection.Notes, .. FileInspection.NotesOf(inspection.Absent, source.Name)];

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
        CheckUnchanged();
        using var file = await source.RunAsync(() => source.Open(format.Encoding, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        using var records = await source.RunAsync(() => Open(file), cancellationToken).ConfigureAwait(false);
        var first = inspection.Earlier + (from?.Row ?? 0);
        var rows = new RecordBatchBuilder(Schema, (int)Math.Min(_batchSize, inspection.Records));
        for (var (isEnd, record) = (false, 0L); !isEnd;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (isEnd, record) = await source.RunAsync(() => Fill(rows, records, record, first), cancellationToken).ConfigureAwait(false);
            if (isEnd)
            {
                CheckUnchanged();
                if (record != inspection.Records) throw Changed();
            }

            // Without rows, a batch still says that quarantined rows can be taken.
            if (rows.Count > 0 || _malformed.Count > 0) yield return rows.Build();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private RecordReader Open(Stream file)
    {
        try
        {
            return format.Open(file, source.Name, Schema, null, inspection.HasFaults);
        }
        catch (InvalidDataException e)
        {
            throw source.Damaged(e);
        }
    }

    private (bool IsEnd, long Record) Fill(RecordBatchBuilder rows, RecordReader records, long record, long first)
    {
        try
        {
            for (; record < first; record++)
            {
                if (!records.Read()) throw Changed();
            }

            var text = 0;
            var start = -1L;
            for (var taken = 0; taken < _batchSize && text < MaxMalformedText; taken++, record++)
            {
                if (!records.Read()) return (true, record);
                if (start < 0) start = records.Offset;
                if (inspection.HasFaults && records.Check() is { } fault) text += Append(rows, records, fault);
                else if (!records.Append(rows, lenient: false)) throw Changed();
                if (records.Offset - start < MaxBatchBytes) continue;
                record++;
                break;
            }

            return (false, record);
        }
        catch (InvalidDataException e)
        {
            throw source.Damaged(e);
        }
    }

    private int Append(RecordBatchBuilder rows, RecordReader records, RowFault fault)
    {
        var isKept = request.Malformed == MalformedRows.Null && fault.IsOfValues;
        if (isKept) records.Append(rows, lenient: true);
        var raw = records.Raw;
        var text = Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, 4 * MalformedRow.MaxText)]);
        if (text.Length > MalformedRow.MaxText)
        {
            text = text[..(char.IsHighSurrogate(text[MalformedRow.MaxText - 1]) ? MalformedRow.MaxText - 1 : MalformedRow.MaxText)];
        }
        _malformed.Add(new MalformedRow(source.Name, records.Line, fault.Column, fault.Reason, text, isKept));
        return text.Length;
    }

    private void CheckUnchanged()
    {
        if (source.Content.Stamp() != inspection.Stamp) throw Changed();
    }

    private MlOpsException Changed() => FileInspection.Changed(source.Name);
}
