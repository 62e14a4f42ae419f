using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>Sees by rows that are not learned from when more trees do not help any more. Not thread-safe.</summary>
internal sealed class EarlyStop
{
    private readonly ValidationRows _rows;
    private readonly TaskKind _task;
    private readonly BinnedMatrix _bins;
    private readonly int _patience;
    private readonly double[] _scores;
    private readonly double[] _ofRow;
    private readonly int _outputs;
    private double _best;
    private int _round;

    public EarlyStop(ValidationRows rows, TaskKind task, BinnedMatrix bins, double[] baseScores, int patience)
    {
        _rows = rows;
        _task = task;
        _bins = bins;
        _patience = patience;
        _outputs = baseScores.Length;
        _ofRow = new double[_outputs];
        _scores = new double[rows.Labels.Length * _outputs];
        for (var row = 0; row < rows.Labels.Length; row++) baseScores.CopyTo(_scores.AsSpan(row * _outputs));
        _best = Loss();
    }

    /// <summary>The number of rounds after which the loss was lowest.</summary>
    public int BestRound { get; private set; }

    /// <summary>Adds the trees of a round, one per output, and says whether the loss has stopped falling.</summary>
    public bool IsReached(IReadOnlyList<GrownTree> trees)
    {
        _round++;
        for (var k = 0; k < trees.Count; k++)
        {
            for (var row = 0; row < _rows.Labels.Length; row++) _scores[row * _outputs + k] += Value(trees[k], row);
        }

        var loss = Loss();
        if (loss < _best)
        {
            _best = loss;
            BestRound = _round;
        }

        return _round - BestRound >= _patience;
    }

    private double Value(GrownTree tree, int row)
    {
        var node = tree.Nodes[0];
        while (!node.IsLeaf)
        {
            var value = _rows.Features.ValueOf(row, _bins.SlotOf(node.Slot));
            var edges = _bins.Edges(node.Slot);
            var goesLeft = float.IsNaN(value) ? node.MissingLeft : node.Bin > edges.Length || value < edges[node.Bin - 1];
            node = tree.Nodes[goesLeft ? node.Left : node.Left + 1];
        }

        return node.Value;
    }

    // The mean loss that the trees are grown for: the negative log-likelihood, or half the squared error.
    private double Loss()
    {
        var labels = _rows.Labels.Span;
        var weights = _rows.Weights.Span;
        double sum = 0, total = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            var weight = weights.IsEmpty ? 1 : weights[row];
            total += weight;
            sum += weight * LossOf(labels[row], _scores.AsSpan(row * _outputs, _outputs));
        }

        return sum / total;
    }

    private double LossOf(double label, ReadOnlySpan<double> scores)
    {
        if (_task == TaskKind.Regression) return 0.5 * (scores[0] - label) * (scores[0] - label);
        if (_task == TaskKind.BinaryClassification)
        {
            return Math.Max(scores[0], 0) + Math.Log(1 + Math.Exp(-Math.Abs(scores[0]))) - label * scores[0];
        }
        scores.CopyTo(_ofRow);
        Link.Softmax(_ofRow);
        return -Math.Log(Math.Max(_ofRow[(int)label], double.Epsilon));
    }
}
