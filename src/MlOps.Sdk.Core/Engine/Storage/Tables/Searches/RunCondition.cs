namespace MlOps.Sdk.Storage;

/// <summary>What a filter demands of a run: a tree of comparisons.</summary>
internal abstract record RunCondition
{
    /// <summary>All of the conditions hold; without any, each run is found.</summary>
    public sealed record All(IReadOnlyList<RunCondition> Conditions) : RunCondition;

    /// <summary>One of the conditions holds.</summary>
    public sealed record Any(IReadOnlyList<RunCondition> Conditions) : RunCondition;

    /// <summary>The condition does not hold.</summary>
    public sealed record Not(RunCondition Condition) : RunCondition;

    /// <summary>A field compares with a value as it should.</summary>
    /// <param name="Kind">Of what kind the field is that is compared.</param>
    /// <param name="Name">The name of the metric, parameter or tag, or of the field of the run itself.</param>
    /// <param name="Comparison">How.</param>
    /// <param name="Values">
    /// With what: numbers, texts, or points in time, as the field has them. One for most comparisons, none for
    /// <see cref="RunComparisonKind.Exists"/>, and some for <see cref="RunComparisonKind.In"/>.
    /// </param>
    public sealed record Compare(
        RunFieldKind Kind, string Name, RunComparisonKind Comparison, IReadOnlyList<object> Values) : RunCondition;
}
