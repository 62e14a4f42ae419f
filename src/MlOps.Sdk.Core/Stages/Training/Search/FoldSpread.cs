namespace MlOps.Sdk.Training;

/// <summary>How a metric differs from fold to fold.</summary>
internal static class FoldSpread
{
    /// <summary>The mean and the sample standard deviation over the folds that have the metric; NaN where there are too few.</summary>
    public static (double Mean, double Deviation) Of(TrialResult trial, string metric)
    {
        if (!trial.FoldMetrics.TryGetValue(metric, out var folds)) return (double.NaN, double.NaN);
        double[] values = [.. folds.Where(fold => fold.IsDefined).Select(fold => fold.Value)];
        if (values.Length == 0) return (double.NaN, double.NaN);
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        return (mean, values.Length < 2 ? double.NaN : Math.Sqrt(squares / (values.Length - 1)));
    }
}
