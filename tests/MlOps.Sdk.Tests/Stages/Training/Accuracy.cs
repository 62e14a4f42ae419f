using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Tests.Training;

/// <summary>The share of right decisions; undefined where asked for.</summary>
internal sealed class Accuracy(string name = "accuracy", bool isUndefined = false) : IMetric
{
    public string Name => name;

    public Direction Direction => Direction.Up;

    public MetricNeeds Needs => MetricNeeds.Decisions;

    public MetricValue Compute(Evaluation evaluation)
    {
        if (isUndefined) return MetricValue.NotDefined("No rows of the kind.");
        var right = 0;
        for (var row = 0; row < evaluation.RowCount; row++) right += evaluation.Decision(row) == (int)evaluation.Labels.Span[row] ? 1 : 0;
        return new MetricValue((double)right / evaluation.RowCount);
    }
}
