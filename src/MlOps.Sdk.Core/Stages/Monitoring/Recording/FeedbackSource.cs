using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Predictions whose labels have arrived, as rows of the collected schema. A column that the model does not read was not recorded: it is
/// missing, unless the recorded columns equal those of an original row. Then it is taken from there, so that a row that comes back is
/// recognized as the same and stays on its side of the split.
/// </summary>
internal sealed class FeedbackSource(
    string model,
    LabelTable labels,
    Dataset original,
    string label,
    TaskKind task,
    Func<int, CancellationToken, Task<Schema>> inputsOfVersion) : IDataSource
{
    public string Name => $"feedback of {model}";

    /// <summary>
    /// The collected columns; one of whole numbers that a version took fractions for, or labels with fractions came for, is one of numbers.
    /// </summary>
    public async Task<Schema> SchemaAsync(CancellationToken cancellationToken)
    {
        var schema = original.Schema;
        var versions = new HashSet<int>();
        var hasFractions = false;
        await foreach (var labelled in labels.ReadLabelledAsync(model, 0, cancellationToken).ConfigureAwait(false))
        {
            hasFractions |= !FieldText.TryInteger(Encoding.UTF8.GetBytes(labelled.Label), out _);
            if (!versions.Add(labelled.Prediction.Version)) continue;
            var inputs = await inputsOfVersion(labelled.Prediction.Version, cancellationToken).ConfigureAwait(false);
            schema = new Schema(schema.Select(field =>
                inputs.TryGetIndex(field.Name, out var index) && inputs[index].Takes(field) ? inputs[index] : field));
        }

        return hasFractions
            ? new Schema(schema.Select(field => field.Name == label ? LabelCheck.ColumnOf(field, task) : field))
            : schema;
    }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        var schema = await SchemaAsync(cancellationToken).ConfigureAwait(false);
        var columns = request.Columns is { } wanted ? new Schema(wanted.Select(name => schema[name])) : schema;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var labelled in labels.ReadLabelledAsync(model, 0, cancellationToken).ConfigureAwait(false))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{labelled.Prediction.Id}\0{labelled.Label}\0"));
            hash.AppendData(labelled.Prediction.Row.Span);
        }

        return new Scan(
            this,
            columns,
            new ContentVersion($"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}"),
            Math.Min(request.BatchSize, RecordBatch.MaxRows));
    }

    private async IAsyncEnumerable<RecordBatch> ReadAsync(
        Schema columns, long skip, int batchSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var builder = new RecordBatchBuilder(columns);
        var readers = new Dictionary<int, Reader>();
        await foreach (var labelled in labels.ReadLabelledAsync(model, 0, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (skip-- > 0) continue;
            var version = labelled.Prediction.Version;
            if (!readers.TryGetValue(version, out var reader))
            {
                readers.Add(
                    version,
                    reader = new Reader(await inputsOfVersion(version, cancellationToken).ConfigureAwait(false), columns, original, label));
            }
            reader.Append(labelled.Prediction, labelled.Label, builder);

            if (builder.Count >= batchSize) yield return builder.Build();
        }

        if (builder.Count > 0) yield return builder.Build();
    }

    /// <summary>Decodes rows of one version's inputs into the collected columns.</summary>
    private sealed class Reader
    {
        private readonly Schema _inputs;
        private readonly ColumnBuilder[] _row;
        private readonly int[] _from;
        private readonly int _label;
        private readonly Dictionary<string, int>? _originals;
        private readonly Column[] _recorded;
        private readonly Column?[] _lost;

        public Reader(Schema inputs, Schema columns, Dataset original, string label)
        {
            _inputs = inputs;
            _row = [.. inputs.Select(field => ColumnBuilder.Create(field.Type, field.Length))];
            _from = new int[columns.Count];
            for (var i = 0; i < _from.Length; i++)
            {
                _from[i] = inputs.TryGetIndex(columns[i].Name, out var index) && columns[i].Takes(inputs[index]) ? index : -1;
            }
            _label = columns.TryGetIndex(label, out var asked) ? asked : -1;
            _recorded = [.. inputs.Select(field => original.Schema.Contains(field.Name) ? original[field.Name] : throw new MlOpsException(
                $"The recorded column '{field.Name}' is not among the original ones.",
                "Run the lifecycle again before you retrain it.") { Column = field.Name })];
            _lost = [.. columns.Select((field, i) => i == _label || _from[i] >= 0 ? null : original[field.Name])];
            if (_lost.All(column => column is null)) return;
            _originals = new Dictionary<string, int>(original.RowCount, StringComparer.Ordinal);
            for (var row = 0; row < original.RowCount; row++) _originals.TryAdd(KeyOf(_recorded, row), row);
        }

        private static string KeyOf(Column[] columns, int row) =>
            string.Join('\u001f', columns.Select(column => column.GetText(row) ?? "\u0000"));

        public void Append(PredictionRow prediction, string label, RecordBatchBuilder to)
        {
            foreach (var column in _row) column.Clear();
            RowCodec.Read(prediction.Row.Span, _inputs, _row);
            var same = -1;
            if (_originals is not null && !_originals.TryGetValue(KeyOf(Array.ConvertAll(_row, builder => builder.View), 0), out same))
            {
                same = -1;
            }
            for (var i = 0; i < _from.Length; i++)
            {
                if (i == _label)
                {
                    if (!LabelCheck.TryAppend(to[i], label)) throw LabelCheck.MisfitOf(prediction.Id, label, to.Schema[i]);
                }
                else if (_from[i] >= 0) to[i].Append(_row[_from[i]].View, 0);
                else if (same >= 0) to[i].Append(_lost[i]!, same);
                else to[i].AppendNull();
            }
        }
    }

    private sealed class Scan(FeedbackSource source, Schema schema, ContentVersion version, int batchSize) : IDataScan
    {
        public Schema Schema => schema;

        public ContentVersion? Version => version;

        public bool IsRepeatable => true;

        public IAsyncEnumerable<RecordBatch> ReadAsync(Position? from = null, CancellationToken cancellationToken = default) =>
            source.ReadAsync(schema, from?.Row ?? 0, batchSize, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
