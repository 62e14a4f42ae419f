using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Objects that come one after the other and are gone when they are read: it can be opened once. Thread-safe.</summary>
internal sealed class StreamSource<T>(string name, Func<int, CancellationToken, IAsyncEnumerable<IReadOnlyList<T>>> read) : IDataSource
{
    private readonly ObjectShape<T> _shape = new();
    private int _opened;

    public string Name => name;

    /// <summary>What an asynchronous sequence gives, in full batches.</summary>
    public static StreamSource<T> Of(IAsyncEnumerable<T> rows, string name)
    {
        return new StreamSource<T>(name, ReadAsync);

        async IAsyncEnumerable<IReadOnlyList<T>> ReadAsync(int size, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var batch = new List<T>(size);
            await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                batch.Add(row);
                if (batch.Count < size) continue;
                yield return batch;
                batch.Clear();
            }

            if (batch.Count > 0) yield return batch;
        }
    }

    /// <summary>What a channel gives until it is completed; nothing that is there waits for more to come.</summary>
    public static StreamSource<T> Of(ChannelReader<T> channel, string name)
    {
        return new StreamSource<T>(name, ReadAsync);

        async IAsyncEnumerable<IReadOnlyList<T>> ReadAsync(int size, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var batch = new List<T>();
            while (await channel.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (batch.Count < size && channel.TryRead(out var row)) batch.Add(row);
                if (batch.Count > 0) yield return batch;
                batch.Clear();
            }
        }
    }

    public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        if (request.After is not null)
        {
            throw new MlOpsException(
                "A stream of objects does not support OnlyNew.",
                "Remove OnlyNew: all objects of a stream are new.") { DataSource = name };
        }
        if (Interlocked.Exchange(ref _opened, 1) != 0)
        {
            throw new MlOpsException(
                "The stream has been read: its objects are gone.",
                "Create a new source for each run, or collect a list of the objects.") { DataSource = name };
        }
        var schema = _shape.Schema;
        if (request.Columns is { } columns)
        {
            schema = new Schema(columns.Select(column => _shape.Schema.Contains(column)
                ? _shape.Schema[column]
                : throw NearestName.MissingColumn(column, "The request", _shape.Schema)));
        }
        return ValueTask.FromResult<IDataScan>(
            new Scan(name, schema, _shape.Bind(schema), token => read(request.RowsOf(schema), token)));
    }

    private sealed class Scan(
        string name,
        Schema schema,
        Action<T, ColumnBuilder[]> append,
        Func<CancellationToken, IAsyncEnumerable<IReadOnlyList<T>>> read) : IDataScan
    {
        public Schema Schema => schema;

        public ContentVersion? Version => null;

        public bool IsRepeatable => false;

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            if (from is { Row: > 0 })
            {
                throw new MlOpsException(
                    "A stream of objects cannot be read from a position.",
                    "Read it from the start.") { DataSource = name };
            }
            var builders = schema.Select(field => ColumnBuilder.Create(field.Type, field.Length)).ToArray();
            var count = 0L;
            await foreach (var rows in read(cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var row in rows)
                {
                    count++;
                    append(
                        row is null
                            ? throw new MlOpsException(
                                $"Object {count} is null.",
                                "Remove null objects.") { DataSource = name, Line = count }
                            : row,
                        builders);
                }

                yield return new RecordBatch(schema, Array.ConvertAll(builders, builder => builder.Build()));
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
