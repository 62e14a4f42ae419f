using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>How large filters of runs may be, as a text and built in code: what the database takes, and what can be read again.</summary>
internal static class RunFilterBounds
{
    public const int LongestText = 1_000_000;
    public const int DeepestNesting = 50;
    public const int MostComparisons = 200;
    private const int MostValues = 10_000;

    public static readonly string OfText = string.Create(CultureInfo.InvariantCulture, $"a filter has at most {LongestText:N0} characters");
    public static readonly string OfNesting = $"conditions are nested at most {DeepestNesting} deep";
    public static readonly string OfComparisons = $"a filter has at most {MostComparisons} comparisons";
    private static readonly string s_ofValues = string.Create(CultureInfo.InvariantCulture, $"a filter has at most {MostValues:N0} values");

    /// <exception cref="RunFilterException">The filter is too large.</exception>
    public static void Require(RunCondition condition)
    {
        var size = Measure(condition);
        var bound = size.Depth > DeepestNesting ? OfNesting
            : size.Comparisons > MostComparisons ? OfComparisons
            : size.Values > MostValues ? s_ofValues
            : size.Length > LongestText ? OfText
            : null;
        if (bound is null) return;
        throw new RunFilterException(
            $"The filter of runs is too large: {bound}.",
            "Search several times, or compare a tag that all of the runs have.",
            "",
            0,
            bound);
    }

    // Of parts that are within the bounds, so that this goes no deeper than they.
    private static (int Depth, int Comparisons, int Values, long Length) Measure(RunCondition condition) => condition switch
    {
        RunCondition.Not not => Within(Measure(not.Condition)),
        RunCondition.All all => Measure(all.Conditions),
        RunCondition.Any any => Measure(any.Conditions),
        RunCondition.Compare compare => (0, 1, compare.Values.Count, RunFilterText.Of(compare).Length),
        _ => default,
    };

    private static (int Depth, int Comparisons, int Values, long Length) Within(
        (int Depth, int Comparisons, int Values, long Length) inner) => inner with { Depth = inner.Depth + 1, Length = inner.Length + 6 };

    private static (int Depth, int Comparisons, int Values, long Length) Measure(IReadOnlyList<RunCondition> conditions)
    {
        (int Depth, int Comparisons, int Values, long Length) sum = default;
        foreach (var condition in conditions)
        {
            var each = Measure(condition);
            var nests = condition is RunCondition.All or RunCondition.Any ? 1 : 0;
            sum = (
                Math.Max(sum.Depth, each.Depth + nests),
                sum.Comparisons + each.Comparisons,
                sum.Values + each.Values,
                sum.Length + each.Length + 7);
        }

        return sum;
    }
}
