using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// From raw rows to scores, with the memory for it: the one path of batch evaluation, checks and endpoints. Not
/// thread-safe: one per concurrent call.
/// </summary>
internal sealed class ModelScorer : IDisposable
{
    /// <summary>How many rows to score at a time: their features stay in the cache.</summary>
    public const int BlockRows = 256;

    private readonly FeatureGraph _source;
    private readonly TrainedModel _model;
    private readonly FeatureGraphScratch _graph;
    private readonly PredictScratch _scratch = new();
    private readonly int _outputs;
    private double[] _scores;
    private int _scored;

    /// <param name="graph">From raw rows to what the model reads.</param>
    /// <param name="model">The model.</param>
    /// <param name="rules">The input contract; <see langword="null"/> for none.</param>
    /// <param name="counts">Whether the rows are those of callers, so that what the contract does not expect is counted.</param>
    public ModelScorer(FeatureGraph graph, TrainedModel model, InputRules? rules, bool counts = false)
    {
        (_source, _model) = (graph, model);
        _graph = new FeatureGraphScratch(graph);
        _outputs = model.Signature.Outputs;
        _scores = new double[_outputs];
        Check = rules is null ? null : new InputCheck(rules, _graph.Inputs, counts);
    }

    /// <summary>What <see cref="Score(long)"/> gave last.</summary>
    public ReadOnlySpan<double> Scores => _scores.AsSpan(0, _scored);

    /// <summary>Holds rows to the input contract; <see langword="null"/> where there is none.</summary>
    public InputCheck? Check { get; }

    /// <summary>The columns to fill, in the order of the graph's input; append one value to each for every row.</summary>
    public ColumnBuilder[] Inputs => _graph.Inputs;

    /// <summary>Forgets the rows, and what the contract rejected of them.</summary>
    public void Clear()
    {
        _graph.Clear();
        Check?.Clear();
    }

    /// <summary>Forgets the rows of a block, but not what the contract rejected of the blocks before.</summary>
    public void ClearBlock()
    {
        _graph.Clear();
        Check?.ClearBlock();
    }

    /// <summary>How many values of a row the contract flagged.</summary>
    public int FlagsOf(int row) => Check?.FlagsOf(row) ?? 0;

    /// <summary>Disposes what the transforms and the model keep for this caller; never the model itself.</summary>
    public void Dispose() => _scratch.Dispose();

    /// <summary>Scores of the rows in <see cref="Inputs"/>, row after row; valid until the next call.</summary>
    /// <param name="first">The number of the first row in what the caller gave.</param>
    /// <exception cref="MlOpsException">
    /// The model gives no number for a row, or rejects missing features and one is missing.
    /// </exception>
    public ReadOnlySpan<double> Score(long first = 0)
    {
        var count = _scored = Inputs[0].Count * _outputs;
        if (_scores.Length < count) _scores = new double[count];
        var scores = _scores.AsSpan(0, count);
        if (_model.Model is not null)
        {
            var features = _graph.Run(_scratch);
            if (_model.RefusesMissing) FiniteRows.CheckFeatures(features, _source.Slots, first);
            _model.Model.Predict(features, scores, _scratch);
            if (FiniteRows.FindUnscored(scores, _outputs) is >= 0 and var row)
            {
                FiniteRows.CheckInputs(_source.Input, Inputs, row, first);
                FiniteRows.CheckInfinite(features, _source.Slots, row, first);
            }
        }
        else
        {
            _model.RowModel!.Predict(_graph.RunRows(), scores, _scratch);
            if (FiniteRows.FindUnscored(scores, _outputs) is >= 0 and var row)
            {
                FiniteRows.CheckInputs(_source.Input, Inputs, row, first);
            }
        }

        FiniteRows.CheckScores(scores, _outputs, first);
        return scores;
    }

    /// <summary>Scores raw rows.</summary>
    /// <param name="rows">Rows with at least the columns of the graph's input, of the same types; whole numbers are numbers, too.</param>
    /// <param name="cancellationToken">Cancels the scoring.</param>
    public double[] Score(Dataset rows, CancellationToken cancellationToken = default)
    {
        var columns = new Column[_source.Input.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var field = _source.Input[i];
            columns[i] = rows[field.Name];
            if (!field.Takes(columns[i].Type) || columns[i].ElementCount != field.Length)
            {
                throw new MlOpsException(
                    $"The model reads '{field.Name}' as {field.Type}, and the rows have {columns[i].Type}.",
                    "Give the source a schema, or cast the column.") { Column = field.Name };
            }
        }

        var result = new double[rows.RowCount * _outputs];
        for (var start = 0; start < rows.RowCount; start += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Clear();
            var end = Math.Min(start + BlockRows, rows.RowCount);
            for (var i = 0; i < columns.Length; i++)
            {
                for (var row = start; row < end; row++) Inputs[i].Append(columns[i], row);
            }

            // What a caller would be refused is scored: it tells how good the model is, not what is served.
            Check?.Run(start, defaultsOnly: true);
            Score(start).CopyTo(result.AsSpan(start * _outputs));
        }

        return result;
    }
}
