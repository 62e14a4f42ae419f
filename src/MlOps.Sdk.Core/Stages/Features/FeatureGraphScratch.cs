using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>
/// The memory of one caller that turns raw rows into feature vectors: filled, run and cleared again without allocating.
/// Not thread-safe: one per concurrent call.
/// </summary>
internal sealed class FeatureGraphScratch
{
    private readonly Step[] _steps;
    private readonly IFittedTransform[] _transforms;
    private readonly Column[][] _transformInputs;
    private readonly Column[] _rowInputs;
    private readonly int[] _firstSlots;
    private readonly SparseFeaturesBuilder[] _sparse;
    private readonly SparseFeaturesBuilder _joined = new();
    private readonly int _width;
    private readonly int _denseWidth;
    private float[] _features = [];

    public FeatureGraphScratch(FeatureGraph graph)
    {
        Inputs = [.. graph.Input.Select(field => ColumnBuilder.Create(field.Type, field.Length))];

        // Views of builders are stable, so the columns of every step are wired once.
        Column[] columns = Array.ConvertAll(Inputs, builder => builder.View);
        _steps = new Step[graph.Bindings.Count];
        for (var i = 0; i < _steps.Length; i++)
        {
            _steps[i] = new Step(graph.Bindings[i], columns);
            columns = _steps[i].Outputs;
        }

        _transforms = [.. graph.Transforms];
        _transformInputs = Array.ConvertAll(
            _transforms,
            transform => transform.Inputs.Select(field => columns[graph.Prepared.IndexOf(field.Name)]).ToArray());
        _rowInputs = [.. graph.Columns.Select(field => columns[graph.Prepared.IndexOf(field.Name)])];
        _firstSlots = graph.FirstSlots;
        _sparse = [.. _transforms.Where(transform => transform.IsSparse).Select(_ => new SparseFeaturesBuilder())];
        _width = graph.Slots.Count;
        _denseWidth = graph.DenseWidth;
    }

    /// <summary>
    /// One builder per column of <see cref="FeatureGraph.Input"/>: append a value to each for every row, then <see cref="Run"/>.
    /// </summary>
    public ColumnBuilder[] Inputs { get; }

    /// <summary>Forgets the rows.</summary>
    public void Clear()
    {
        foreach (var input in Inputs) input.Clear();
    }

    /// <summary>The columns that a model without features reads, of the appended rows; valid until the next call.</summary>
    public RowBlock RunRows()
    {
        var rows = Inputs[0].Count;
        Prepare(rows);
        return new RowBlock(_rowInputs, 0, rows);
    }

    /// <summary>The feature vectors of the appended rows, one after the other; valid until the next call.</summary>
    /// <param name="scratch">The caller's memory.</param>
    public FeatureBlock Run(PredictScratch scratch)
    {
        var rows = Inputs[0].Count;
        if (_features.Length < rows * _denseWidth) _features = new float[rows * _denseWidth];
        var features = _features.AsSpan(0, rows * _denseWidth);
        Prepare(rows);
        var sparse = 0;
        for (var i = 0; i < _transforms.Length; i++)
        {
            FeatureWriter writer;
            if (_transforms[i].IsSparse)
            {
                _sparse[sparse].Clear();
                writer = new FeatureWriter(_sparse[sparse++], _firstSlots[i]);
            }
            else
            {
                writer = new FeatureWriter(features, slotStride: 1, rowStride: Math.Max(1, _denseWidth)).From(_firstSlots[i]);
            }

            _transforms[i].Apply(new RowBlock(_transformInputs[i], 0, rows), writer, scratch);
        }

        if (_sparse.Length == 0) return new FeatureBlock(features, _width);
        var joined = SparseFeaturesBuilder.Join(_sparse, rows, _joined);
        return new FeatureBlock(features, _denseWidth, _width, joined.Starts, joined.Slots, joined.Values);
    }

    private void Prepare(int rows)
    {
        foreach (var step in _steps) step.Run(rows);
    }

    private sealed class Step
    {
        private readonly Column[] _inputs;
        private readonly (Processing.ColumnComputation Compute, ColumnBuilder To)[] _computed;

        public Step(Processing.RowBinding binding, Column[] inputs)
        {
            _inputs = inputs;
            Outputs = new Column[binding.Columns.Count];
            var computed = new List<(Processing.ColumnComputation, ColumnBuilder)>();
            for (var i = 0; i < Outputs.Length; i++)
            {
                if (binding.Columns[i].Computation is { } compute)
                {
                    var builder = ColumnBuilder.Create(binding.Output[i].Type, binding.Output[i].Length);
                    computed.Add((compute, builder));
                    Outputs[i] = builder.View;
                }
                else
                {
                    Outputs[i] = inputs[binding.Columns[i].Input];
                }
            }

            _computed = [.. computed];
        }

        public Column[] Outputs { get; }

        public void Run(int rows)
        {
            foreach (var (compute, to) in _computed)
            {
                to.Clear();
                compute(new RowBlock(_inputs, 0, rows), to);
            }
        }
    }
}
