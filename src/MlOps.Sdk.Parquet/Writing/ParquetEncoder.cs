using System.IO.Compression;
using MlOps.Sdk.Data;
using Parquet;
using Parquet.Schema;
using Field = MlOps.Sdk.Data.Field;

namespace MlOps.Sdk.Collection;

/// <summary>Writes a table as a Parquet file, one row group in memory at a time. Not thread-safe.</summary>
internal sealed class ParquetEncoder(
    FooterStream to, string name, ParquetSinkOptions options, IReadOnlyList<Field> partition) : IFileEncoder
{
    // Parquet.Net writes a column of a row group as one page, of 2 GB at most.
    private const long MaxBytes = 256 * 1024 * 1024;
    private readonly List<ThriftStruct[]> _statistics = [];
    private ParquetWriter? _writer;
    private ParquetSchema? _parquetSchema;
    private Schema _schema = new();
    private ColumnBuilder[] _rows = [];
    private long _bytes;

    /// <param name="file">The file.</param>
    /// <param name="name">A name for messages.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="partition">The columns of the path, whose types the file says.</param>
    public static ParquetEncoder To(Stream file, string name, ParquetSinkOptions options, IReadOnlyList<Field>? partition = null) =>
        new(new FooterStream(new BufferedStream(file, 64 * 1024)), name, options, partition ?? []);

    /// <summary>The rows that are in memory.</summary>
    public int BufferedRows { get; private set; }

    public async ValueTask BeginAsync(Schema schema, CancellationToken cancellationToken)
    {
        if (schema.Count == 0)
        {
            throw new MlOpsException("A Parquet file has at least one column.", "Write a table with columns.") { DataSource = name };
        }
        _schema = schema;
        _rows = [.. schema.Select(field => ColumnBuilder.Create(field.Type, field.Length))];
        var writing = new ParquetOptions
        {
            CompressionMethod = options.Compression switch
            {
                ParquetCompression.None => CompressionMethod.None,
                ParquetCompression.Gzip => CompressionMethod.Gzip,
                ParquetCompression.Zstd => CompressionMethod.Zstd,
                _ => CompressionMethod.Snappy,
            },
            CompressionLevel = CompressionLevel.Optimal,
            DictionaryEncodingSampleSize = 10_000,
        };

        // The names in the file are corrected at its end, so that dots in them are no paths here.
        var fields = schema.Select((field, i) => FieldOf(field, ParquetFooter.NameOf(i))).ToArray();
        for (var i = 0; i < fields.Length; i++)
        {
            if (schema[i].Type == ColumnType.Text) writing.ColumnEncodingHints[ParquetFooter.NameOf(i)] = EncodingHint.Dictionary;
        }

        _parquetSchema = new ParquetSchema(fields);
        _writer = await ParquetWriter.CreateAsync(_parquetSchema, to, writing, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        for (var row = 0; row < batch.RowCount; row++)
        {
            for (var i = 0; i < _rows.Length; i++)
            {
                _rows[i].Append(batch.Columns[i], row);
                if (batch.Columns[i] is VectorColumn vectors) _bytes += vectors.ElementCount * 12L;
                else if (batch.Columns[i] is TextColumn { } texts && !texts.IsNull(row)) _bytes += texts.GetText(row)!.Length;
            }

            if (++BufferedRows >= options.RowGroupRows || _bytes > MaxBytes) await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the rows that are in memory as a row group.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (BufferedRows == 0) return;
        using var group = _writer!.CreateRowGroup();
        var statistics = new ThriftStruct[_rows.Length];
        for (var i = 0; i < _rows.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var column = _rows[i].Build();
            statistics[i] = ColumnStatistics.Of(column);
            await WriteAsync(group, _parquetSchema!.DataFields[i], column, cancellationToken).ConfigureAwait(false);
        }

        _statistics.Add(statistics);
        BufferedRows = 0;
        _bytes = 0;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        to.Keep();
        await _writer!.DisposeAsync().ConfigureAwait(false);
        ParquetFooter.Write(to, to.Take(), _schema, partition, _statistics);
        await to.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static Parquet.Schema.Field FieldOf(Field field, string name) => field.Type switch
    {
        ColumnType.Number => new DataField(name, typeof(double), isNullable: true),
        ColumnType.Boolean => new DataField(name, typeof(bool), isNullable: true),
        ColumnType.Text => new DataField(name, typeof(string), isNullable: true),
        ColumnType.Vector => new ListField(name, new DataField("element", typeof(float), isNullable: false)),
        _ => new DataField(name, typeof(long), isNullable: true),
    };

    private static async Task WriteAsync(ParquetRowGroupWriter group, DataField field, Column column, CancellationToken cancellationToken)
    {
        switch (column)
        {
            case VectorColumn vectors:
                var (values, definitions, repetitions) = PlainColumn.Lists(vectors);
                await group.WriteAllPartsAsync(field, values, definitions, repetitions, cancellationToken).ConfigureAwait(false);
                break;
            case TextColumn texts:
                await PartsAsync(PlainColumn.Present(texts, row => texts.GetText(row).AsMemory())).ConfigureAwait(false);
                break;
            case TimestampColumn times:
                await PartsAsync(PlainColumn.Present(times, row => PlainColumn.Microseconds(times.Values[row]))).ConfigureAwait(false);
                break;
            case NumberColumn numbers:
                await PartsAsync(PlainColumn.Values(numbers)).ConfigureAwait(false);
                break;
            case IntegerColumn whole:
                await PartsAsync(PlainColumn.Values(whole)).ConfigureAwait(false);
                break;
            default:
                await PartsAsync(PlainColumn.Values((BooleanColumn)column)).ConfigureAwait(false);
                break;
        }

        Task PartsAsync<T>(ReadOnlyMemory<T> parts)
            where T : struct =>
            group.WriteAllPartsAsync(field, parts, PlainColumn.Levels(column), null, cancellationToken);
    }
}
