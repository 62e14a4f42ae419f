namespace MlOps.Sdk.Metrics;

/// <summary>Counts and weighs the rows of one group, by label and decision.</summary>
internal sealed class GroupTally
{
    private readonly long[,] _rows = new long[2, 2];
    private readonly double[,] _weights = new double[2, 2];

    public void Add(int truth, int decision, double weight)
    {
        _rows[truth, decision]++;
        _weights[truth, decision] += weight;
    }

    public GroupRates Rates(string group, bool weighted) => new(
        group,
        _rows[0, 0] + _rows[0, 1] + _rows[1, 0] + _rows[1, 1],
        _rows[1, 0] + _rows[1, 1],
        _rows[0, 1] + _rows[1, 1],
        _rows[1, 1])
    {
        Weights = weighted ? new GroupWeights(_weights[1, 1], _weights[1, 0], _weights[0, 1], _weights[0, 0]) : null,
    };
}
