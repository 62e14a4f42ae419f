using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Tests.Training;

/// <summary>The mean squared error of scores against labels.</summary>
internal sealed class SquaredError : IMetric
{
    public string Name => "squared_error";

    public Direction Direction => Direction.Down;

    public MetricNeeds Needs => MetricNeeds.Scores;

    public MetricValue Compute(Evaluation evaluation)
    {
        var sum = 0.0;
        for (var row = 0; row < evaluation.RowCount; row++) sum += Math.Pow(evaluation.Scores.Span[row] - evaluation.Labels.Span[row], 2);
        return new MetricValue(sum / evaluation.RowCount);
    }
}
