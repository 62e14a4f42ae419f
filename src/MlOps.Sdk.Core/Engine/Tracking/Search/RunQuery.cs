namespace MlOps.Sdk.Tracking;

/// <summary>A search for runs.</summary>
public sealed record RunQuery
{
    internal const int LargestLimit = 10_000;

    /// <summary>
    /// Which runs. Default: all, but the trials and folds of searches, which are found when the filter names a kind, a parent or an id.
    /// </summary>
    public RunFilter Filter { get; init; } = RunFilter.All;

    /// <summary>In which order. Default: the newest first.</summary>
    public RunOrder Order { get; init; } = RunOrder.Newest;

    /// <summary>At most so many on a page, 1 to 10,000. Default: 100.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>
    /// Where the page begins: <see cref="RunPage.Next"/> of the one before, with the same order; <see langword="null"/> for the first.
    /// </summary>
    public string? After { get; init; }
}
