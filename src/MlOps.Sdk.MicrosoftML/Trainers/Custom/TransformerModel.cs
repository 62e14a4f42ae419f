using System.Buffers;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A model that only ML.NET can compute. Every caller has its own engine, kept in its scratch: ML.NET's engines are silently wrong
/// when threads share one.
/// </summary>
internal sealed class TransformerModel : IModel
{
    public const string Format = "mlops.microsoft-ml.model/1";

    private readonly TransformerHeader _header;
    private readonly byte[] _zip;
    private readonly ITransformer _transformer;
    private readonly DataViewSchema _schema;
    private readonly IRowToRowMapper _mapper;
    private readonly DataViewSchema.Column _output;
    private readonly int _classCount;
    private readonly Func<Engine> _create;
    private readonly Lock _lock = new();
    private volatile bool _disposed;

    /// <summary>Creates a model.</summary>
    /// <param name="header">What it reads and writes.</param>
    /// <param name="zip">The bytes of its canonical zip.</param>
    /// <param name="transformer">What predicts from features; the model owns it.</param>
    /// <exception cref="MlOpsException">It does not work row by row, or not from features alone.</exception>
    public TransformerModel(TransformerHeader header, byte[] zip, ITransformer transformer)
    {
        _header = header;
        _zip = zip;
        _transformer = transformer;
        _schema = TrainingSchema.Create(header.Features);
        _mapper = transformer.IsRowToRowMapper
            ? transformer.GetRowToRowMapper(_schema)
            : throw new MlOpsException(
                "What was fitted does not work row by row: one of its steps drops rows, or needs other rows.",
                "Drop rows in ProcessData, and remove such steps.");
        _output = OutputColumns.Require(_mapper.OutputSchema, header.Output);
        _classCount = header.Task switch { TaskKind.Regression => 1, TaskKind.BinaryClassification => 2, _ => header.Outputs };
        _create = () => new Engine(this);
        Signature = header.Signature;
    }

    public ModelSignature Signature { get; }

    public string FormatId => Format;

    public bool IsExact => false;

    /// <summary>The canonical zip, as ML.NET reads it.</summary>
    public ReadOnlyMemory<byte> Zip => _zip;

    /// <summary>Reads a model.</summary>
    /// <param name="bytes">What <see cref="Save"/> wrote.</param>
    /// <param name="allowed">The assemblies whose code it may request.</param>
    /// <exception cref="MlOpsException">The bytes are damaged, or request an assembly that is not allowed.</exception>
    public static IModel Read(ReadOnlyMemory<byte> bytes, LoaderAllowList allowed)
    {
        var (head, zip) = SavedParts.Read(bytes, TransformerHeader.What);
        var header = TransformerHeader.Read(head.Span);
        return new TransformerModel(header, zip, ModelFile.Load(CanonicalZip.Read(zip, allowed.LargestSize), allowed, out _));
    }

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (rows.Width != Signature.Features)
        {
            throw new ArgumentException($"The model reads {Signature.Features} features, not {rows.Width}.", nameof(rows));
        }
        if (output.Length < (long)rows.RowCount * Signature.Outputs)
        {
            throw new ArgumentException(
                $"{rows.RowCount} rows need room for {(long)rows.RowCount * Signature.Outputs} outputs, not {output.Length}.",
                nameof(output));
        }

        try
        {
            scratch.State(this, _create).Predict(rows, output);
        }
        catch (Exception e) when (MLFailure.Of(e, "while it predicted") is { } failure)
        {
            throw failure;
        }
    }

    public void Save(IBufferWriter<byte> to) => SavedParts.Write(to, _header.ToBytes(), _zip);

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        (_transformer as IDisposable)?.Dispose();
    }

    private sealed class Engine : IDisposable
    {
        private readonly int _outputs;
        private readonly FeatureRow _input;
        private readonly DataViewRow _row;
        private readonly ScoreReader _reader;

        public Engine(TransformerModel model)
        {
            _outputs = model.Signature.Outputs;
            _input = new FeatureRow(model._schema, model.Signature.Features);
            // ML.NET does not promise that rows can be made by several threads at once.
            lock (model._lock) _row = model._mapper.GetRow(_input, [model._output]);
            _reader = new ScoreReader(_row, model._output, model._header.Output, model._classCount);
        }

        public void Predict(in FeatureBlock rows, Span<double> output)
        {
            for (var row = 0; row < rows.RowCount; row++)
            {
                _input.MoveTo(rows, row);
                _reader.Read(output.Slice(row * _outputs, _outputs));
            }
        }

        public void Dispose() => _row.Dispose();
    }
}
