using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// Which runs are found, as a text or built in code; both give the same. Immutable and thread-safe.
/// <code>metrics.roc_auc > 0.8 and params.leaves = 31 and tag.team = "retention"</code>
/// </summary>
/// <remarks>
/// <para>
/// Fields: <c>metrics.NAME</c> (the last value), <c>params.NAME</c>, <c>tag.NAME</c>, <c>id</c>, <c>lifecycle</c>, <c>kind</c>,
/// <c>cause</c>, <c>parent</c>, <c>state</c>, <c>started</c>, <c>ended</c> (UTC unless the time has an offset) and <c>duration</c> in
/// seconds. A name with blanks is quoted: <c>metrics."my metric"</c>.
/// </para>
/// <para>
/// Comparisons: <c>=</c>, <c>!=</c>, <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>in (…)</c>, <c>like</c> with <c>%</c> for
/// any text, <c>exists</c>. They are joined by <c>and</c>, <c>or</c>, <c>not</c> and parentheses; <c>and</c> binds closer than
/// <c>or</c>. A text is quoted, or a single word.
/// </para>
/// <para>
/// A parameter compares as a number with a number (<c>params.l2 = 0.5</c> finds <c>0.50</c>), and as a text with a quoted text. A run
/// without the field is found by no comparison with it. A metric that is NaN is found by <c>exists</c> alone.
/// </para>
/// <para>
/// A filter has at most 200 comparisons with 10,000 values together, nested at most 50 deep, and 1,000,000 characters.
/// </para>
/// </remarks>
public sealed class RunFilter : IEquatable<RunFilter>
{
    /// <exception cref="RunFilterException">The filter is larger than any may be.</exception>
    internal RunFilter(RunCondition condition)
    {
        RunFilterBounds.Require(condition);
        Condition = condition;
    }

    /// <summary>All runs.</summary>
    public static RunFilter All { get; } = new(new RunCondition.All([]));

    /// <summary>The state of runs at the moment of reading.</summary>
    public static RunField State { get; } = RunField.Own("state");

    /// <summary>The name of the lifecycle or experiment.</summary>
    public static RunField Lifecycle { get; } = RunField.Own("lifecycle");

    /// <summary>Of what kind runs are: see <see cref="RunKind"/>.</summary>
    public static RunField Kind { get; } = RunField.Own("kind");

    /// <summary>The id of runs.</summary>
    public static RunField Id { get; } = RunField.Own("id");

    /// <summary>Why runs were started.</summary>
    public static RunField Cause { get; } = RunField.Own("cause");

    /// <summary>The id of the run that runs belong to.</summary>
    public static RunField Parent { get; } = RunField.Own("parent");

    /// <summary>When runs began.</summary>
    public static RunField Started { get; } = RunField.Own("started");

    /// <summary>When runs ended.</summary>
    public static RunField Ended { get; } = RunField.Own("ended");

    /// <summary>How long runs took, in seconds; runs that have not ended have none.</summary>
    public static RunField Duration { get; } = RunField.Own("duration");

    internal RunCondition Condition { get; }

    /// <summary>The last value of a metric.</summary>
    /// <param name="name">The metric.</param>
    public static RunField Metric(string name) => RunField.Of(RunFieldKind.Metric, name);

    /// <summary>A parameter.</summary>
    /// <param name="name">The parameter.</param>
    public static RunField Parameter(string name) => RunField.Of(RunFieldKind.Parameter, name);

    /// <summary>A tag.</summary>
    /// <param name="name">The tag.</param>
    public static RunField Tag(string name) => RunField.Of(RunFieldKind.Tag, name);

    /// <summary>Reads a filter.</summary>
    /// <param name="text">The filter; an empty one finds all runs.</param>
    /// <exception cref="RunFilterException">The text is not a filter; it has the place and what was expected.</exception>
    public static RunFilter Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new RunFilterParser(text).Parse();
    }

    /// <summary>Runs that both filters find.</summary>
    /// <param name="left">A filter.</param>
    /// <param name="right">Another one.</param>
    /// <exception cref="RunFilterException">Together they are larger than a filter may be.</exception>
    public static RunFilter operator &(RunFilter left, RunFilter right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new RunFilter(new RunCondition.All([.. Parts(left), .. Parts(right)]));

        static IReadOnlyList<RunCondition> Parts(RunFilter filter) =>
            filter.Condition is RunCondition.All all ? all.Conditions : [filter.Condition];
    }

    /// <summary>Runs that one of the filters finds.</summary>
    /// <param name="left">A filter.</param>
    /// <param name="right">Another one.</param>
    /// <exception cref="RunFilterException">Together they are larger than a filter may be.</exception>
    public static RunFilter operator |(RunFilter left, RunFilter right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new RunFilter(new RunCondition.Any([.. Parts(left), .. Parts(right)]));

        static IReadOnlyList<RunCondition> Parts(RunFilter filter) =>
            filter.Condition is RunCondition.Any any ? any.Conditions : [filter.Condition];
    }

    /// <summary>Runs that a filter does not find.</summary>
    /// <param name="filter">The filter.</param>
    public static RunFilter operator !(RunFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return new RunFilter(new RunCondition.Not(filter.Condition));
    }

    /// <summary>Runs that both filters find.</summary>
    /// <param name="other">The other filter.</param>
    public RunFilter And(RunFilter other) => this & other;

    /// <summary>Runs that one of the filters finds.</summary>
    /// <param name="other">The other filter.</param>
    public RunFilter Or(RunFilter other) => this | other;

    /// <summary>Whether the filters are written alike.</summary>
    /// <param name="other">The other filter.</param>
    public bool Equals(RunFilter? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RunFilter);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The filter as a text that <see cref="Parse"/> reads; empty when it finds all runs.</summary>
    public override string ToString() => RunFilterText.Of(Condition);
}
