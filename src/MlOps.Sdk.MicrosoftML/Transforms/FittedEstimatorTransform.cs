using System.Buffers;
using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// A fitted ML.NET estimator as a feature transform. Every caller has its own engine, kept in its scratch. Immutable and thread-safe.
/// </summary>
internal sealed class FittedEstimatorTransform : IFittedTransform, IDisposable
{
    public const string Format = "mlops.microsoft-ml.transform/1";

    private const string What = "feature transform of ML.NET";

    private readonly TransformHeader _header;
    private readonly byte[] _zip;
    private readonly ITransformer _transformer;
    private readonly RowPipeline _pipeline;
    private readonly InputBlock _inputs;
    private readonly int[] _firstSlots;
    private readonly Func<Engine> _create;
    private volatile bool _disposed;

    /// <summary>Creates a transform.</summary>
    /// <param name="header">What it reads and writes.</param>
    /// <param name="zip">The bytes of its canonical zip.</param>
    /// <param name="transformer">The scoring part of the fitted estimator; the transform owns it.</param>
    public FittedEstimatorTransform(TransformHeader header, byte[] zip, ITransformer transformer)
    {
        _header = header;
        _zip = zip;
        _transformer = transformer;
        _pipeline = new RowPipeline(transformer, new InputSchema(header.Columns), Find);
        _inputs = new InputBlock(_pipeline.Input);
        _firstSlots = new int[_pipeline.Outputs.Count];
        var slots = new List<FeatureSlot>();
        for (var i = 0; i < _firstSlots.Length; i++)
        {
            var column = _pipeline.Outputs[i];
            _firstSlots[i] = slots.Count;
            InputColumn[] sources = [.. _pipeline.DependenciesOf(column).Select(position => header.Columns[position])];
            slots.AddRange(OutputSlots.Of(
                column, header.Name, _firstSlots.Length == 1, sources.Length == 0 ? [header.Columns[0]] : sources));
        }

        Outputs = OutputSlots.Unique(slots);
        IsSparse = Outputs.Count > OutputSlots.WidestDense;
        _create = () => new Engine(this);
    }

    public IReadOnlyList<Field> Inputs => _inputs.Fields;

    public IReadOnlyList<FeatureSlot> Outputs { get; }

    public bool IsSparse { get; }

    public string FormatId => Format;

    public bool IsExact => false;

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            if (rows.Count >= InputBlock.RowsForTransform) ApplyBlock(rows, output);
            else scratch.State(this, _create).Apply(rows, output);
        }
        catch (Exception e) when (MLFailure.Of(e, $"in the feature transform '{_header.Name}'") is { } failure)
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

    /// <summary>Reads a transform.</summary>
    /// <param name="bytes">What <see cref="Save"/> wrote.</param>
    /// <param name="allowed">The assemblies whose code it may request.</param>
    /// <exception cref="MlOpsException">The bytes are damaged, or request an assembly that is not allowed.</exception>
    public static IFittedTransform Read(ReadOnlyMemory<byte> bytes, LoaderAllowList allowed)
    {
        var (head, zip) = SavedParts.Read(bytes, What);
        var header = TransformHeader.Read(head.Span);
        var transformer = ModelFile.Load(CanonicalZip.Read(zip, allowed.LargestSize), allowed, out _);
        return new FittedEstimatorTransform(header, zip, ScoringPart.Of(transformer));
    }

    private IEnumerable<DataViewSchema.Column> Find(DataViewSchema schema) => _header.Outputs.Select(name =>
        schema.GetColumnOrNull(name) is { } column && OutputSlots.WidthOf(column.Type) > 0
            ? column
            : throw SavedParts.Damaged(What, $"it has no output '{Printable.Text(name)}'"));

    private void ApplyBlock(in RowBlock rows, FeatureWriter output)
    {
        using var cursor = _pipeline.Cursor(_inputs.Columns(rows), rows.Start, rows.Count);
        var readers = NewReaders(cursor);
        var row = 0;
        for (; row < rows.Count && cursor.MoveNext(); row++) Write(readers, row, output);
        if (row < rows.Count || cursor.MoveNext())
        {
            throw new MlOpsException(
                $"The feature transform '{_header.Name}' does not give features for each row.", "Remove steps that drop or add rows.");
        }
    }

    private SlotReader[] NewReaders(DataViewRow row) =>
        [.. _pipeline.Outputs.Select(column => SlotReader.Create(row, row.Schema[column.Index]))];

    private void Write(SlotReader[] readers, int row, FeatureWriter output)
    {
        for (var i = 0; i < readers.Length; i++) readers[i].Write(row, _firstSlots[i], IsSparse, output);
    }

    private sealed class Engine : IDisposable
    {
        private readonly FittedEstimatorTransform _transform;
        private readonly RowEngine _engine;
        private readonly SlotReader[] _readers;

        public Engine(FittedEstimatorTransform transform)
        {
            _transform = transform;
            _engine = transform._pipeline.CreateEngine();
            _readers = transform.NewReaders(_engine.Output);
        }

        public void Apply(in RowBlock rows, FeatureWriter output)
        {
            _transform._inputs.Bind(_engine, rows);
            for (var row = 0; row < rows.Count; row++)
            {
                _engine.MoveTo(rows.Start + row);
                _transform.Write(_readers, row, output);
            }
        }

        public void Dispose() => _engine.Dispose();
    }
}
