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
    private readonly int[] _firstSlots;
    private readonly int _width;
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
        _firstSlots = new int[_transforms.Length];
        foreach (var (i, transform) in _transforms.Index())
        {
            _firstSlots[i] = _width;
            _width += transform.Outputs.Count;
        }
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

    /// <summary>The feature vectors of the appended rows, one after the other; valid until the next call.</summary>
    public ReadOnlySpan<float> Run()
    {
        var rows = Inputs[0].Count;
        if (_features.Length < rows * _width) _features = new float[rows * _width];
        var features = _features.AsSpan(0, rows * _width);
        foreach (var step in _steps) step.Run(rows);
        var writer = new FeatureWriter(features, slotStride: 1, rowStride: _width);
        for (var i = 0; i < _transforms.Length; i++)
        {
            _transforms[i].Apply(new RowBlock(_transformInputs[i], 0, rows), writer.From(_firstSlots[i]));
        }
        return features;
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
