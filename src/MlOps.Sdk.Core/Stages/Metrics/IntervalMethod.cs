namespace MlOps.Sdk.Metrics;

/// <summary>How the uncertainty of a built-in metric is computed.</summary>
internal enum IntervalMethod
{
    Bootstrap,
    DeLong,
    Accuracy,
    Precision,
    Recall,
}
