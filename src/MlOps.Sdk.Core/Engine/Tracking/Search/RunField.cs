using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>A field of runs, to be compared in a <see cref="RunFilter"/>. Immutable and thread-safe.</summary>
/// <remarks>
/// A run that does not have the field is found by no comparison with it, not even by <see cref="IsNot(string)"/>;
/// <c>!RunFilter.Tag("team").Is("retention")</c> also finds runs without the tag.
/// </remarks>
public sealed record RunField
{
    private static readonly Dictionary<string, RunFieldKind> s_own = new(StringComparer.Ordinal)
    {
        ["id"] = RunFieldKind.Text,
        ["lifecycle"] = RunFieldKind.Text,
        ["kind"] = RunFieldKind.Text,
        ["cause"] = RunFieldKind.Text,
        ["parent"] = RunFieldKind.Text,
        ["state"] = RunFieldKind.State,
        ["started"] = RunFieldKind.Time,
        ["ended"] = RunFieldKind.Time,
        ["duration"] = RunFieldKind.Duration,
    };

    private static readonly Dictionary<string, RunFieldKind> s_families = new(StringComparer.Ordinal)
    {
        ["metrics"] = RunFieldKind.Metric,
        ["params"] = RunFieldKind.Parameter,
        ["tag"] = RunFieldKind.Tag,
        ["tags"] = RunFieldKind.Tag,
    };

    private RunField(RunFieldKind kind, string name) => (Kind, Name) = (kind, name);

    internal RunFieldKind Kind { get; }

    /// <summary>The name of the metric, parameter or tag, or of the field of the run itself.</summary>
    internal string Name { get; }

    /// <summary>Whether values are numbers and nothing else.</summary>
    internal bool IsNumber => Kind is RunFieldKind.Metric or RunFieldKind.Duration;

    /// <summary>Runs where the field is a value.</summary>
    /// <param name="value">The value; compared as it is written, case included.</param>
    public RunFilter Is(string value) => Compare(RunComparisonKind.Equal, value);

    /// <summary>Runs where the field is a number.</summary>
    /// <param name="value">The number.</param>
    public RunFilter Is(double value) => Compare(RunComparisonKind.Equal, value);

    /// <summary>Runs where the field is there, and is another value.</summary>
    /// <param name="value">The value.</param>
    public RunFilter IsNot(string value) => Compare(RunComparisonKind.NotEqual, value);

    /// <summary>Runs where the field is there, and is another number.</summary>
    /// <param name="value">The number.</param>
    public RunFilter IsNot(double value) => Compare(RunComparisonKind.NotEqual, value);

    /// <summary>Runs where the field is one of some values.</summary>
    /// <param name="values">The values, at least one.</param>
    public RunFilter IsOneOf(params IReadOnlyList<string> values) => Compare(RunComparisonKind.In, [.. values ?? []]);

    /// <summary>Runs where the field is one of some numbers.</summary>
    /// <param name="values">The numbers, at least one.</param>
    public RunFilter IsOneOf(params IReadOnlyList<double> values) => Compare(RunComparisonKind.In, [.. (values ?? []).Cast<object>()]);

    /// <summary>Runs where the field is above a number.</summary>
    /// <param name="value">The number.</param>
    public RunFilter IsAbove(double value) => Compare(RunComparisonKind.Above, value);

    /// <summary>Runs where the field is a number or above it.</summary>
    /// <param name="value">The number.</param>
    public RunFilter IsAtLeast(double value) => Compare(RunComparisonKind.AtLeast, value);

    /// <summary>Runs where the field is below a number.</summary>
    /// <param name="value">The number.</param>
    public RunFilter IsBelow(double value) => Compare(RunComparisonKind.Below, value);

    /// <summary>Runs where the field is a number or below it.</summary>
    /// <param name="value">The number.</param>
    public RunFilter IsAtMost(double value) => Compare(RunComparisonKind.AtMost, value);

    /// <summary>Runs that began or ended before a moment.</summary>
    /// <param name="moment">The moment.</param>
    public RunFilter IsBefore(DateTimeOffset moment) => Compare(RunComparisonKind.Below, moment);

    /// <summary>Runs that began or ended at a moment or after it.</summary>
    /// <param name="moment">The moment.</param>
    public RunFilter IsSince(DateTimeOffset moment) => Compare(RunComparisonKind.AtLeast, moment);

    /// <summary>Runs where the field is like a pattern, in which <c>%</c> is any text; case matters.</summary>
    /// <param name="pattern">The pattern.</param>
    public RunFilter IsLike(string pattern) => Compare(RunComparisonKind.Like, pattern);

    /// <summary>Runs that have the field.</summary>
    public RunFilter Exists() => Compare(RunComparisonKind.Exists);

    /// <summary>The field as a filter writes it.</summary>
    public override string ToString() => RunFilterText.Field(Kind, Name);

    internal static RunField Of(RunFieldKind kind, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new RunField(kind, name);
    }

    internal static RunField Own(string name) => new(s_own[name], name);

    /// <summary>The field that a text names; <see langword="null"/> when none has the name.</summary>
    internal static RunField? Find(string text)
    {
        if (s_own.TryGetValue(text, out var own)) return new RunField(own, text);
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < text.Length - 1 && s_families.TryGetValue(text[..dot], out var family)
            ? new RunField(family, text[(dot + 1)..])
            : null;
    }

    /// <summary>What a person may have meant by a name that no field has.</summary>
    internal static string Suggest(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var family = dot < 0 ? null : NearestName.Find(text[..dot], s_families.Keys);
        if (family is not null && !s_families.ContainsKey(text[..dot])) return $"Did you mean '{family}{text[dot..]}'?";
        return NearestName.Find(text, s_own.Keys) is { } near
            ? $"Did you mean '{near}'?"
            : $"Use metrics.<name>, params.<name>, tag.<name>, {string.Join(", ", s_own.Keys)}.";
    }

    /// <exception cref="ArgumentException">The field cannot be compared like that.</exception>
    internal RunFilter Compare(RunComparisonKind comparison, params IReadOnlyList<object> values) =>
        RunComparisons.Check(this, comparison, values) is { } mistake
            ? throw new ArgumentException(mistake, nameof(values))
            : new RunFilter(new RunCondition.Compare(Kind, Name, comparison, RunComparisons.Typed(this, values)));
}
