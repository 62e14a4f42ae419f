using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Cuts a stream of rows into windows, by count or by the time at which what a row tells of happened. In bounded memory: only the
/// rows of open windows are held.
/// </summary>
public static class StreamWindows
{
    /// <summary>
    /// Windows of a number of rows: tumbling when a window begins where the one before ends, sliding when it begins
    /// earlier. The last one may be shorter.
    /// </summary>
    /// <param name="source">The rows.</param>
    /// <param name="rows">Rows of a window, at least 1.</param>
    /// <param name="every">
    /// After how many rows the next window begins, 1 to <paramref name="rows"/>. Default: <paramref name="rows"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The windows; each is given as soon as its last row has come. No row is left out: what has come since the last
    /// whole window is in the last one.
    /// </returns>
    public static IAsyncEnumerable<StreamWindow> ByCount(
        this IDataSource source, int rows, int? every = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        var step = every ?? rows;
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1, nameof(every));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, rows, nameof(every));
        return ReadAsync(cancellationToken);

        async IAsyncEnumerable<StreamWindow> ReadAsync([EnumeratorCancellation] CancellationToken token)
        {
            var reader = await ResilientReader.OpenAsync(source, ReadRequest.All, token).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var none = new TableBuilder(reader.Schema).Build();
                var open = new Queue<TableBuilder>();
                long count = 0, given = 0;
                await foreach (var batch in reader.ReadAsync(token).ConfigureAwait(false))
                {
                    for (var row = 0; row < batch.RowCount; row++, count++)
                    {
                        if (count % step == 0) open.Enqueue(new TableBuilder(reader.Schema));
                        foreach (var window in open) window.Append(batch, row);
                        if (open.Peek().Count < rows) continue;
                        given = count + 1;
                        yield return new StreamWindow(open.Dequeue().Build(), null, null, none);
                    }
                }

                if (given < count) yield return new StreamWindow(open.Dequeue().Build(), null, null, none);
            }
        }
    }

    /// <summary>
    /// Windows of event time, aligned to 1970-01-01 UTC, each from its start (included) to its end (excluded): tumbling when a window
    /// begins where the one before ends, sliding when it begins earlier. A window is closed, and given, when a row has come that is later
    /// than its end by the lateness; windows without rows are not given. At the end of the stream all open windows are closed, in order.
    /// </summary>
    /// <param name="source">The rows.</param>
    /// <param name="time">The column with the time at which what the row tells of happened.</param>
    /// <param name="length">The length of a window, at least one microsecond.</param>
    /// <param name="every">
    /// From the start of a window to the start of the next, up to <paramref name="length"/>. Default: <paramref name="length"/>.
    /// </param>
    /// <param name="lateness">
    /// By how much a row may come later than rows of later times, and still be in its windows. Default: zero.
    /// </param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">
    /// The column does not exist or holds no points in time, or a row has none; thrown while reading.
    /// </exception>
    public static IAsyncEnumerable<StreamWindow> ByTime(
        this IDataSource source,
        string time,
        TimeSpan length,
        TimeSpan? every = null,
        TimeSpan lateness = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrWhiteSpace(time);
        var step = every ?? length;
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.FromMicroseconds(1), nameof(every));
        ArgumentOutOfRangeException.ThrowIfLessThan(length, step);
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        return ReadAsync(cancellationToken);

        async IAsyncEnumerable<StreamWindow> ReadAsync([EnumeratorCancellation] CancellationToken token)
        {
            var reader = await ResilientReader.OpenAsync(source, ReadRequest.All, token).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (reader.Schema[time].Type != ColumnType.Timestamp)
                {
                    throw new MlOpsException(
                        $"The column '{time}' is {reader.Schema[time].Type}, and windows of event time need a Timestamp column.",
                        "Give the source a schema with a Timestamp, or use windows by count.") { DataSource = source.Name, Column = time };
                }
                var open = new OpenWindows(reader.Schema, length.Ticks, step.Ticks, lateness.Ticks);
                var place = reader.Schema.IndexOf(time);
                var number = 0L;
                await foreach (var batch in reader.ReadAsync(token).ConfigureAwait(false))
                {
                    for (var row = 0; row < batch.RowCount; row++)
                    {
                        number++;
                        if (batch.Columns[place].IsNull(row))
                        {
                            throw new MlOpsException(
                                $"Row {number} has no time.",
                                "Filter such rows out, or fill in their times.") { DataSource = source.Name, Column = time, Line = number };
                        }
                        open.Add(batch, row, ((TimestampColumn)batch.Columns[place]).Values[row]);
                        while (open.Close(atEnd: false) is { } window) yield return window;
                    }
                }

                while (open.Close(atEnd: true) is { } window) yield return window;
            }
        }
    }

    /// <summary>Windows that rows may still come for, by start.</summary>
    private sealed class OpenWindows(Schema schema, long length, long step, long lateness)
    {
        private readonly SortedDictionary<long, TableBuilder> _windows = [];
        private TableBuilder _late = new(schema);
        private long _latest = long.MinValue;

        public void Add(RecordBatch batch, int row, long at)
        {
            _latest = Math.Max(_latest, at);
            var sinceEpoch = at - DateTime.UnixEpoch.Ticks;
            var last = at - (sinceEpoch % step + step) % step;
            var isIn = false;
            for (var start = last; start > at - length; start -= step)
            {
                if (IsClosed(start)) break;
                if (!_windows.TryGetValue(start, out var window)) _windows.Add(start, window = new TableBuilder(schema));
                window.Append(batch, row);
                isIn = true;
            }

            if (!isIn) _late.Append(batch, row);
        }

        /// <summary>The next window to be given; <see langword="null"/> when there is none.</summary>
        public StreamWindow? Close(bool atEnd)
        {
            if (_windows.Count == 0) return null;
            var (start, rows) = _windows.First();
            if (!atEnd && !IsClosed(start)) return null;
            _windows.Remove(start);
            var late = _late.Build();
            _late = new TableBuilder(schema);
            return new StreamWindow(rows.Build(), Time(start), Time(start + length), late);
        }

        // Of windows that begin one after the other, the earlier ones end earlier.
        private bool IsClosed(long start) => start + length + lateness <= _latest;

        private static DateTime Time(long ticks) => new(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
    }
}
