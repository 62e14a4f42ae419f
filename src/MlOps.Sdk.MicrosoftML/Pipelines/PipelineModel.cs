using System.Buffers;
using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A fitted ML.NET pipeline as a model that reads columns. Every caller has its own engine, kept in its scratch: ML.NET's engines are
/// silently wrong when threads share one.
/// </summary>
internal sealed class PipelineModel : IRowModel
{
    public const string Format = "mlops.microsoft-ml.pipeline/1";

    private readonly PipelineHeader _header;
    private readonly byte[] _zip;
    private readonly ITransformer _transformer;
    private readonly RowPipeline _pipeline;
    private readonly InputBlock _inputs;
    private readonly int _classCount;
    private readonly Func<Engine> _create;
    private volatile bool _disposed;

    /// <summary>Creates a model.</summary>
    /// <param name="header">What it reads and writes.</param>
    /// <param name="zip">The bytes of its canonical zip.</param>
    /// <param name="transformer">The scoring part of the pipeline; the model owns it.</param>
    /// <param name="saved">The columns that the zip names, see <see cref="InputKind.Unread"/>.</param>
    public PipelineModel(PipelineHeader header, byte[] zip, ITransformer transformer, DataViewSchema? saved = null)
    {
        _header = header;
        _zip = zip;
        _transformer = transformer;
        _pipeline = new RowPipeline(
            transformer, new InputSchema(header.Columns, saved), schema => [OutputColumns.Require(schema, header.Output)]);
        _inputs = new InputBlock(_pipeline.Input);
        _classCount = header.Task switch { TaskKind.Regression => 1, TaskKind.BinaryClassification => 2, _ => header.Outputs };
        _create = () => new Engine(this);
        Signature = header.Signature;
    }

    public ModelSignature Signature { get; }

    public IReadOnlyList<Field> Inputs => _inputs.Fields;

    public string FormatId => Format;

    public bool IsExact => false;

    /// <summary>The canonical zip, as ML.NET reads it.</summary>
    public ReadOnlyMemory<byte> Zip => _zip;

    public void Predict(in RowBlock rows, Span<double> output, PredictScratch scratch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (output.Length < (long)rows.Count * Signature.Outputs)
        {
            throw new ArgumentException(
                $"{rows.Count} rows need room for {(long)rows.Count * Signature.Outputs} outputs, not {output.Length}.", nameof(output));
        }

        try
        {
            if (rows.Count >= InputBlock.RowsForTransform) PredictBlock(rows, output);
            else PredictRows(rows, output, scratch);
        }
        catch (Exception e) when (MLFailure.Of(e, "while it predicted") is { } failure)
        {
            throw failure;
        }
    }

    public void Save(IBufferWriter<byte> to) => SavedParts.Write(to, _header.ToBytes(), _zip);

    /// <summary>Reads a model.</summary>
    /// <param name="bytes">What <see cref="Save"/> wrote.</param>
    /// <param name="allowed">The assemblies whose code it may request.</param>
    /// <exception cref="MlOpsException">The bytes are damaged, or request an assembly that is not allowed.</exception>
    public static IRowModel Read(ReadOnlyMemory<byte> bytes, LoaderAllowList allowed)
    {
        var (head, zip) = SavedParts.Read(bytes, "pipeline of ML.NET");
        var header = PipelineHeader.Read(head.Span);
        var transformer = ModelFile.Load(CanonicalZip.Read(zip, allowed.LargestSize), allowed, out var schema);
        return new PipelineModel(header, zip, ScoringPart.Of(transformer), schema);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        (_transformer as IDisposable)?.Dispose();
    }

    /// <summary>Predicts row by row.</summary>
    internal void PredictRows(in RowBlock rows, Span<double> output, PredictScratch scratch) =>
        scratch.State(this, _create).Predict(rows, output);

    /// <summary>Predicts all rows by one transform, with as many threads as ML.NET takes.</summary>
    internal void PredictBlock(in RowBlock rows, Span<double> output)
    {
        using var cursor = _pipeline.Cursor(_inputs.Columns(rows), rows.Start, rows.Count);
        var reader = NewReader(cursor, cursor.Schema[_pipeline.Outputs[0].Index]);
        var outputs = Signature.Outputs;
        var row = 0;
        for (; row < rows.Count && cursor.MoveNext(); row++) reader.Read(output.Slice(row * outputs, outputs));
        if (row < rows.Count || cursor.MoveNext())
        {
            throw new MlOpsException("The pipeline does not give a prediction for each row.", "Remove steps that drop or add rows.");
        }
    }

    private ScoreReader NewReader(DataViewRow row, DataViewSchema.Column column) => new(row, column, _header.Output, _classCount);

    private sealed class Engine : IDisposable
    {
        private readonly PipelineModel _model;
        private readonly RowEngine _engine;
        private readonly ScoreReader _reader;

        public Engine(PipelineModel model)
        {
            _model = model;
            _engine = model._pipeline.CreateEngine();
            _reader = model.NewReader(_engine.Output, model._pipeline.Outputs[0]);
        }

        public void Predict(in RowBlock rows, Span<double> output)
        {
            _model._inputs.Bind(_engine, rows);
            var outputs = _model.Signature.Outputs;
            for (var row = 0; row < rows.Count; row++)
            {
                _engine.MoveTo(rows.Start + row);
                _reader.Read(output.Slice(row * outputs, outputs));
            }
        }

        public void Dispose() => _engine.Dispose();
    }
}
