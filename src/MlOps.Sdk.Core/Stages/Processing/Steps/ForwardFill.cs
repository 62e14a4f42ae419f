using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Puts the last known value of the same key where a column has none. Streams: what is remembered is a time and
/// one value a column for each key.
/// </summary>
internal sealed class ForwardFill(string[] columns, string[] key, string orderBy) : IDataProcessor
{
    private string[] Columns => columns;

    private string[] Key => key;

    private string OrderBy => orderBy;

    public Schema Bind(Schema input)
    {
        foreach (var column in columns) ColumnChange.Find(input, column, ToString());
        _ = new EventTime(input, orderBy, ToString());
        foreach (var column in key) ColumnChange.Find(input, column, ToString());
        return input;
    }

    public async IAsyncEnumerable<RecordBatch> ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Fill? fill = null;
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            fill ??= new Fill(this, batch.Schema);
            yield return fill.Next(batch);
        }
    }

    public override string ToString() =>
        $"forward-fill({string.Join(", ", columns)}{(key.Length == 0 ? "" : $"; key {string.Join(", ", key)}")}; by {orderBy})";

    private sealed class Fill
    {
        private readonly ForwardFill _step;
        private readonly EventTime _clock;
        private readonly RowKeyHasher? _hasher;
        private readonly int[] _columns;
        private readonly KeptCells[] _known;
        private readonly RowKey[] _keys = new RowKey[RecordBatch.MaxRows];
        private readonly Dictionary<RowKey, int> _series = [];
        private readonly List<long> _times = [];
        private long _before;

        public Fill(ForwardFill step, Schema schema)
        {
            _step = step;
            _clock = new EventTime(schema, step.OrderBy, step.ToString());

            // Without a key all rows are one series, where the hasher would take all columns.
            _hasher = step.Key.Length == 0 ? null : new RowKeyHasher(schema, step.Key, "series", step.ToString(), required: false);
            _columns = Array.ConvertAll(step.Columns, schema.IndexOf);
            _known = Array.ConvertAll(_columns, _ => new KeptCells());
        }

        public RecordBatch Next(RecordBatch batch)
        {
            _clock.Check(batch, _before);
            var series = Series(batch);
            Column[] filled = [.. batch.Columns];
            for (var i = 0; i < _columns.Length; i++) filled[_columns[i]] = FillColumn(batch.Columns[_columns[i]], series, _known[i]);
            _before += batch.RowCount;
            return new RecordBatch(batch.Schema, filled);
        }

        private static Column FillColumn(Column column, int[] series, KeptCells known)
        {
            var output = ColumnBuilder.Create(column.Type, column.ElementCount, column.Length);
            for (var row = 0; row < series.Length; row++)
            {
                if (column.IsMissing(row))
                {
                    known.AppendTo(output, series[row]);
                    continue;
                }

                KeptCells.Append(output, column, row);
                known.Set(series[row], column, row);
            }

            known.Detach();
            return output.Build();
        }

        private int[] Series(RecordBatch batch)
        {
            _hasher?.Compute(batch, _keys);
            var times = _clock.Of(batch);
            var series = new int[batch.RowCount];
            for (var row = 0; row < series.Length; row++)
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _series, _hasher is null ? default : _keys[row], out var isKnown);
                if (!isKnown)
                {
                    number = _series.Count - 1;
                    _times.Add(times[row]);
                }

                if (times[row] < _times[number])
                {
                    throw new MlOpsException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Row {_before + row + 1}: {_step} reads the time {new DateTime(times[row], DateTimeKind.Utc):O} after " +
                                $"{new DateTime(_times[number], DateTimeKind.Utc):O} of the same key."),
                        "The rows of a key must come in the order of their times: " +
                            $"put SortByTime(\"{_step.OrderBy}\") before this step, or sort the source.") { Column = _step.OrderBy };
                }

                _times[number] = times[row];
                series[row] = number;
            }

            return series;
        }
    }
}
