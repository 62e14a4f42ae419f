namespace MlOps.Sdk.Tracking;

/// <summary>In which order runs are found. Immutable and thread-safe.</summary>
public sealed record RunOrder
{
    private RunOrder(string? metric, bool isDescending) => (Metric, IsDescending) = (metric, isDescending);

    /// <summary>As they began, the newest first. The clock does not decide it, which may be set back.</summary>
    public static RunOrder Newest { get; } = new(null, isDescending: true);

    /// <summary>As they began, the oldest first.</summary>
    public static RunOrder Oldest { get; } = new(null, isDescending: false);

    internal string? Metric { get; }

    internal bool IsDescending { get; }

    /// <summary>By the last value of a metric, the largest first. Runs without it, or where it is NaN, are left out.</summary>
    /// <param name="metric">The metric.</param>
    public static RunOrder Largest(string metric)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        return new RunOrder(metric, isDescending: true);
    }

    /// <summary>By the last value of a metric, the smallest first. Runs without it, or where it is NaN, are left out.</summary>
    /// <param name="metric">The metric.</param>
    public static RunOrder Smallest(string metric)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        return new RunOrder(metric, isDescending: false);
    }

    /// <summary>The order in words.</summary>
    public override string ToString() => Metric is null
        ? IsDescending ? "newest first" : "oldest first"
        : $"{Metric}, {(IsDescending ? "largest" : "smallest")} first";
}
