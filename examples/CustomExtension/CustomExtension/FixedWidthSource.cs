using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace CustomExtension;

/// <summary>A file whose columns stand at fixed positions of its lines; blanks are a missing value. Thread-safe.</summary>
public sealed class FixedWidthSource(string path, params FixedWidthColumn[] columns) : IDataSource
{
    private readonly Schema _schema = new(columns.Select(column => new Field(column.Name, column.Type)));

    public string Name => Path.GetFileName(path);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        if (request.After is not null)
        {
            throw new MlOpsException("The file does not support reading only new rows.", "Read all of it.") { DataSource = path };
        }

        // The schema rejects a column that it does not have, by name.
        FixedWidthColumn[] wanted = request.Columns is { } names ? [.. names.Select(name => columns[_schema.IndexOf(name)])] : columns;
        await using var file = File.OpenRead(path);
        var hash = await SHA256.HashDataAsync(file, cancellationToken);
        return new Scan(path, wanted, new ContentVersion($"sha256:{Convert.ToHexStringLower(hash)}"), request.BatchSize);
    }

    private sealed class Scan(string path, FixedWidthColumn[] columns, ContentVersion version, int batchSize) : IDataScan
    {
        public Schema Schema { get; } = new(columns.Select(column => new Field(column.Name, column.Type)));

        public ContentVersion? Version => version;

        public bool IsRepeatable => true;

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var rows = new RecordBatchBuilder(Schema);
            long line = 0;
            await foreach (var text in File.ReadLinesAsync(path, cancellationToken))
            {
                if (line++ < (from?.Row ?? 0)) continue;
                for (var i = 0; i < columns.Length; i++) Append(rows[i], columns[i], text, line);
                if (rows.Count == batchSize) yield return rows.Build();
            }

            if (rows.Count > 0) yield return rows.Build();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Append(ColumnBuilder to, FixedWidthColumn column, string line, long number)
        {
            var value = line.AsSpan(Math.Min(column.Start, line.Length));
            value = value[..Math.Min(column.Length, value.Length)].Trim();
            if (value.IsEmpty) to.AppendNull();
            else if (to is TextColumnBuilder text) text.Append(value.ToString());
            else if (double.TryParse(value, CultureInfo.InvariantCulture, out var parsed)) ((NumberColumnBuilder)to).Append(parsed);
            else
            {
                throw new MlOpsException("The value of the column is not a number.", "Correct or remove the line.")
                {
                    DataSource = path, Line = number, Column = column.Name,
                };
            }
        }
    }
}
