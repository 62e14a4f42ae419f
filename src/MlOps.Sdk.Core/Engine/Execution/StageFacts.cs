namespace MlOps.Sdk.Execution;

/// <summary>
/// What a stage logged into its run. Kept with its result, so that a run that reuses it has the same facts. Thread-safe while it is filled.
/// </summary>
internal sealed record StageFacts
{
    /// <summary>The name of the output.</summary>
    public const string Name = "facts";

    private readonly Lock _gate = new();

    public SortedDictionary<string, string> Parameters { get; init; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, double> Metrics { get; init; } = new(StringComparer.Ordinal);

    public void AddParameter(string name, string value)
    {
        lock (_gate) Parameters[name] = value;
    }

    public void AddMetric(string name, double value)
    {
        lock (_gate) Metrics[name] = value;
    }
}
