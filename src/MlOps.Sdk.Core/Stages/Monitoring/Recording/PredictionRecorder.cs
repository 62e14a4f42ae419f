using System.Buffers;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Records the predictions of one live version: callers put them into a ring, one reader takes them out in batches.</summary>
internal sealed class PredictionRecorder : IPredictionRecorder
{
    private const int Capacity = 16_384;
    private const int BatchRows = 4_096;

    // In characters. Rows refer to texts that they may share; what is stored has a copy for each row.
    private const int BatchText = 4 << 20;

    /// <summary>How many characters the texts of a row that is recorded have together, at most.</summary>
    public const int LongestText = 65_536;

    private volatile PredictionRing? _ring;
    private readonly TimeProvider _time;
    private readonly ColumnBuilder[] _builders;
    private readonly List<(PredictionId Id, long Timestamp, int Decision, long Generation)> _heads = [];
    private readonly List<double> _scores = [];
    private readonly Action<PredictionRing.Slot> _take;
    private long _takenText;
    private long _noRoom;
    private long _tooLong;
    private volatile bool _closed;
    private volatile bool _isAbandoned;

    public PredictionRecorder(string model, int version, ModelPackage package, TimeProvider time)
    {
        Model = model;
        Version = version;
        Package = package;
        _time = time;
        _ring = new PredictionRing(Capacity, package.Graph.Input, package.Signature.Outputs);
        _builders = [.. package.Graph.Input.Select(field => ColumnBuilder.Create(field.Type, field.Length))];
        _take = Take;
    }

    public string Model { get; }

    public int Version { get; }

    public ModelPackage Package { get; }

    public long Dropped => Volatile.Read(ref _noRoom) + Volatile.Read(ref _tooLong);

    /// <summary>How many predictions are not recorded because their texts are too long.</summary>
    public long TooLong => Volatile.Read(ref _tooLong);

    /// <summary>Whether it was logged that there are such predictions. For the reader.</summary>
    public bool IsTooLongTold { get; set; }

    /// <summary>How many predictions were recorded until now.</summary>
    public long Recorded => _ring?.Added ?? 0;

    /// <summary>How many of them were taken.</summary>
    public long Taken => _ring?.Taken ?? 0;

    /// <summary>Whether its version is retired: nothing will be recorded any more.</summary>
    public bool IsClosed => _closed;

    /// <summary>Whether nothing is left to take, and nothing will come.</summary>
    public bool IsDone => _closed && _ring is not { IsEmpty: false };

    public void Record(
        PredictionId id, ReadOnlySpan<ColumnBuilder> inputs, int row, ReadOnlySpan<double> scores, int decision, long generation)
    {
        if (TryRecord(id, inputs, row, scores, decision, generation) != RecordOutcome.Full) return;
        Interlocked.Increment(ref _noRoom);
        Diagnostics.Telemetry.RecordsDropped.Add(1);
    }

    public RecordOutcome TryRecord(
        PredictionId id, ReadOnlySpan<ColumnBuilder> inputs, int row, ReadOnlySpan<double> scores, int decision, long generation)
    {
        if (_ring is not { } ring) return RecordOutcome.Full;
        var text = ring.TextOf(inputs, row);
        if (text > LongestText)
        {
            Interlocked.Increment(ref _tooLong);
            Diagnostics.Telemetry.RecordsDropped.Add(1);
            return RecordOutcome.TooLong;
        }

        return ring.TryAdd(id, _time.GetTimestamp(), inputs, row, scores, decision, text, generation)
            ? RecordOutcome.Recorded
            : RecordOutcome.Full;
    }

    public void Close() => _closed = true;

    /// <summary>Lets the reader drop what was not taken yet, and the memory for it.</summary>
    public void Abandon() => _isAbandoned = true;

    /// <summary>Takes what was recorded, up to a batch; <see langword="null"/> when there is nothing. One caller at a time.</summary>
    public RecordedBatch? TakeBatch()
    {
        if (_ring is not { IsEmpty: false } ring) return null;
        if (_isAbandoned)
        {
            _ring = null;
            var dropped = ring.Added - ring.Taken;
            Interlocked.Add(ref _noRoom, dropped);
            Diagnostics.Telemetry.RecordsDropped.Add(dropped);
            return null;
        }

        // The clock may be the user's: where it fails, nothing has left the ring yet.
        var (now, stamp) = (_time.GetUtcNow(), _time.GetTimestamp());
        _heads.Clear();
        _scores.Clear();
        _takenText = 0;
        while (_heads.Count < BatchRows && _takenText < BatchText && !_isAbandoned && ring.TryTake(_take))
        {
        }

        if (_heads.Count == 0) return null;
        var rows = new RecordBatch(Package.Graph.Input, Array.ConvertAll(_builders, builder => builder.Build()));
        var encoded = Encode(rows, now, stamp);
        return new RecordedBatch(encoded.Min(row => row.At), rows, [.. _scores], encoded);
    }

    private void Take(PredictionRing.Slot slot)
    {
        slot.AppendTo(_builders);
        _takenText += slot.Text;
        _heads.Add((slot.Id, slot.Timestamp, slot.Decision, slot.Generation));
        _scores.AddRange(slot.Scores);
    }

    private PredictionRow[] Encode(RecordBatch rows, DateTimeOffset now, long stamp)
    {
        Column[] columns = [.. rows.Columns];
        var outputs = Package.Signature.Outputs;
        var scores = CollectionsMarshal.AsSpan(_scores);
        var encoded = new PredictionRow[_heads.Count];
        for (var i = 0; i < encoded.Length; i++)
        {
            var buffer = new ArrayBufferWriter<byte>(columns.Length * 12);
            RowCodec.Write(columns, i, buffer);
            var ofRow = scores.Slice(i * outputs, outputs);
            encoded[i] = new PredictionRow(
                _heads[i].Id.ToString(),
                Model,
                Version,
                now - _time.GetElapsedTime(_heads[i].Timestamp, stamp),
                buffer.WrittenMemory,
                ofRow[0],
                MemoryMarshal.AsBytes(ofRow).ToArray(),
                _heads[i].Decision) { Generation = _heads[i].Generation };
        }

        return encoded;
    }
}
