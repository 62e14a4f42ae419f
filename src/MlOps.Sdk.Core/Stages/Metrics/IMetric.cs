namespace MlOps.Sdk.Metrics;

/// <summary>A number that says how good predictions are. Implementations are thread-safe.</summary>
public interface IMetric
{
    /// <summary>The name shown and stored, unique within a lifecycle, for example <c>roc_auc</c>.</summary>
    string Name { get; }

    /// <summary>Which values are better.</summary>
    Direction Direction { get; }

    /// <summary>What the metric needs of an evaluation.</summary>
    MetricNeeds Needs { get; }

    /// <summary>Computes the metric.</summary>
    /// <param name="evaluation">Labels and predictions.</param>
    /// <returns>
    /// The value, undefined where the rows do not allow one (a single class, an empty group); an interval only where a closed form exists.
    /// </returns>
    /// <exception cref="MlOpsException">A score is NaN: that is not a prediction, and every built-in metric rejects it.</exception>
    MetricValue Compute(Evaluation evaluation);
}
