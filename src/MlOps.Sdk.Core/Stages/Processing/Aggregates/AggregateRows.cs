using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Makes a row of each group: of each key in each window of event time. Windows are aligned to 1970-01-01 UTC, begin every so
/// often and hold the times from their start up to, but not with, their end. Rows are read as a stream and may come in any
/// order; what is held are the groups.
/// </summary>
internal sealed class AggregateRows(
    string[] keys,
    string time,
    TimeSpan length,
    TimeSpan every,
    IReadOnlyList<AggregateColumn> columns,
    int mostGroups = AggregateRows.MostGroups) : IDataProcessor
{
    public const string WindowStart = "window_start";
    public const string WindowEnd = "window_end";
    private const int MostGroups = 10_000_000;
    private const int BatchRows = 16_384;

    public bool NeedsAllRows => true;

    public Schema Bind(Schema input)
    {
        _ = new EventTime(input, time, ToString());
        return Output(input, Accumulators(input));
    }

    public async IAsyncEnumerable<RecordBatch> ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Groups? groups = null;
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            groups ??= new Groups(this, batch.Schema);
            groups.Add(batch);
        }

        if (groups is null) yield break;
        foreach (var batch in groups.Build())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return batch;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"aggregate({string.Join(", ", keys)}; {length} of {time} every {every}; " +
            $"{string.Join(", ", columns.Select(column => $"{column.Name} = {column.Kind}({column.Source})"))})");

    private Schema Output(Schema input, IReadOnlyList<GroupAccumulator> accumulators)
    {
        var fields = keys.Select(key => input[ColumnChange.Find(input, key, ToString())]).ToList();
        fields.Add(new Field(WindowStart, ColumnType.Timestamp));
        fields.Add(new Field(WindowEnd, ColumnType.Timestamp));
        fields.AddRange(
            accumulators.Select((accumulator, i) => new Field(columns[i].Name, accumulator.Output.Type, accumulator.Output.Length)));
        return new Schema(fields);
    }

    private GroupAccumulator[] Accumulators(
        Schema input) => [.. columns.Select(column => GroupAccumulator.Create(column, input, ToString()))];

    private sealed class Groups
    {
        private readonly AggregateRows _step;
        private readonly Schema _output;
        private readonly EventTime _clock;
        private readonly RowKeyHasher? _hasher;
        private readonly int[] _keyColumns;
        private readonly ColumnBuilder[] _keyValues;
        private readonly GroupAccumulator[] _accumulators;
        private readonly RowKey[] _keys = new RowKey[RecordBatch.MaxRows];
        private readonly Dictionary<(RowKey Key, long Window), int> _groups = [];
        private readonly List<long> _windows = [];
        private long _before;

        public Groups(AggregateRows step, Schema schema)
        {
            _step = step;
            _accumulators = step.Accumulators(schema);
            _output = step.Output(schema, _accumulators);
            _clock = new EventTime(schema, step.Time, step.ToString());
            _keyColumns = Array.ConvertAll(step.Keys, schema.IndexOf);
            _keyValues = Array.ConvertAll(_keyColumns, column => ColumnBuilder.Create(schema[column].Type, schema[column].Length));
            // Without keys a window is one group, where the hasher would take all columns.
            _hasher = step.Keys.Length == 0 ? null : new RowKeyHasher(schema, step.Keys, "group", step.ToString(), required: false);
        }

        public void Add(RecordBatch batch)
        {
            _clock.Check(batch, _before);
            _hasher?.Compute(batch, _keys);
            foreach (var accumulator in _accumulators) accumulator.Begin(batch);
            var times = _clock.Of(batch);
            for (var row = 0; row < batch.RowCount; row++)
            {
                var since = times[row] - DateTime.UnixEpoch.Ticks;
                var every = _step.Every.Ticks;
                for (var start = since - Remainder(since, every); start + _step.Length.Ticks > since; start -= every)
                {
                    var group = Find(batch, row, start);
                    foreach (var accumulator in _accumulators) accumulator.Add(batch, row, group, times[row]);
                }
            }

            foreach (var accumulator in _accumulators) accumulator.End();
            _before += batch.RowCount;
        }

        /// <summary>The groups by the start of their window, those of one window as they came.</summary>
        public IEnumerable<RecordBatch> Build()
        {
            Column[] keys = Array.ConvertAll(_keyValues, builder => builder.Build());
            int[] order = [.. Enumerable.Range(0, _windows.Count).OrderBy(group => _windows[group])];
            foreach (var groups in order.Chunk(BatchRows))
            {
                var starts = new TimestampColumnBuilder(groups.Length);
                var ends = new TimestampColumnBuilder(groups.Length);
                foreach (var group in groups)
                {
                    starts.Append(DateTime.UnixEpoch.AddTicks(_windows[group]));
                    ends.Append(DateTime.UnixEpoch.AddTicks(_windows[group] + _step.Length.Ticks));
                }

                var computed = _accumulators.Select((accumulator, i) =>
                {
                    var field = _output[keys.Length + 2 + i];
                    var builder = ColumnBuilder.Create(field.Type, field.Length, groups.Length);
                    foreach (var group in groups) accumulator.AppendTo(builder, group);
                    return builder.Build();
                });
                yield return new RecordBatch(_output, [.. keys.Select(key => key.Take(groups)), starts.Build(), ends.Build(), .. computed]);
            }
        }

        private static long Remainder(long value, long divisor) => (value % divisor + divisor) % divisor;

        private int Find(RecordBatch batch, int row, long start)
        {
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _groups, (_hasher is null ? default : _keys[row], start), out var isKnown);
            if (isKnown) return group;
            if (start < -DateTime.UnixEpoch.Ticks || start + _step.Length.Ticks > DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks)
            {
                throw new MlOpsException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Row {_before + row + 1}: a window around its time exceeds the years 1 to 9999."),
                    "Correct the time, or remove the row with Filter.") { Column = _step.Time };
            }
            if (_windows.Count >= _step.GroupLimit)
                throw new MlOpsException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{_step} creates more than {_step.GroupLimit:N0} groups, which are held in memory."),
                    "Group by fewer keys, use fewer windows, or filter out rows first.") { Column = _step.Time };
            for (var i = 0; i < _keyColumns.Length; i++) KeptCells.Append(_keyValues[i], batch.Columns[_keyColumns[i]], row);
            group = _windows.Count;
            _windows.Add(start);
            return group;
        }
    }

    private string[] Keys => keys;

    private string Time => time;

    private TimeSpan Length => length;

    private TimeSpan Every => every;

    private int GroupLimit => mostGroups;
}
