// begin-snippet: custom-source
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace Acme;

/// <summary>A file with a JSON object per line; numbers and texts. Thread-safe.</summary>
public sealed class JsonLinesSource(string path, Schema schema) : IDataSource
{
    public string Name => Path.GetFileName(path);

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        var columns = request.Columns is { } wanted ? new Schema(wanted.Select(name => schema[name])) : schema;
        await using var file = File.OpenRead(path);
        var hash = await SHA256.HashDataAsync(file, cancellationToken);
        return new Scan(path, columns, new ContentVersion($"sha256:{Convert.ToHexStringLower(hash)}"), request.BatchSize);
    }

    private sealed class Scan(string path, Schema schema, ContentVersion version, int batchSize) : IDataScan
    {
        public Schema Schema => schema;

        public ContentVersion? Version => version;

        public bool IsRepeatable => true;

        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            Position? from = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var rows = new RecordBatchBuilder(schema);
            long line = 0;
            await foreach (var text in File.ReadLinesAsync(path, cancellationToken))
            {
                if (line++ < (from?.Row ?? 0)) continue;
                Append(rows, text, line);
                if (rows.Count == batchSize) yield return rows.Build();
            }

            if (rows.Count > 0) yield return rows.Build();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Append(RecordBatchBuilder rows, string text, long line)
        {
            try
            {
                using var json = JsonDocument.Parse(text);
                for (var i = 0; i < schema.Count; i++)
                {
                    var value = json.RootElement.TryGetProperty(schema[i].Name, out var found) ? found : default;
                    if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) rows[i].AppendNull();
                    else if (rows[i] is NumberColumnBuilder number) number.Append(value.GetDouble());
                    else ((TextColumnBuilder)rows[i]).Append(value.GetString());
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                throw new MlOpsException(
                    $"The line is not an object of the schema: {e.Message}",
                    "Correct or remove the line.",
                    e) { DataSource = path, Line = line };
            }
        }
    }
}
// end-snippet
