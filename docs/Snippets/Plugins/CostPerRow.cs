// begin-snippet: custom-metric
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace Acme;

/// <summary>What the decisions cost per row, in the unit of the costs. Thread-safe.</summary>
public sealed class CostPerRow(double falsePositive, double falseNegative) : IMetric
{
    public string Name => "cost_per_row";

    public Direction Direction => Direction.Down;

    public MetricNeeds Needs => MetricNeeds.Decisions | MetricNeeds.Weights;

    public MetricValue Compute(Evaluation evaluation)
    {
        if (evaluation.Task != TaskKind.BinaryClassification || evaluation.RowCount == 0)
        {
            return MetricValue.NotDefined("Costs are defined for rows of a binary classification.");
        }
        double cost = 0, rows = 0;
        for (var row = 0; row < evaluation.RowCount; row++)
        {
            rows += evaluation.Weight(row); // 1, unless the rows have weights
            cost += evaluation.Weight(row) * ((evaluation.Decision(row), evaluation.Labels.Span[row]) switch
            {
                (1, 0) => falsePositive,
                (0, 1) => falseNegative,
                _ => 0,
            });
        }

        return new MetricValue(cost / rows); // the interval is bootstrapped
    }
}
// end-snippet
