using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Which fields of runs compare how with what.</summary>
internal static class RunComparisons
{
    private static readonly string[] s_timeForms =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF"];

    private static readonly string[] s_offsetForms =
        ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>What is wrong with a comparison; <see langword="null"/> when nothing is.</summary>
    public static string? Check(RunField field, RunComparisonKind comparison, IReadOnlyList<object> values)
    {
        if (comparison == RunComparisonKind.Exists) return null;
        if (values.Count == 0) return $"Name at least one value for '{field}'.";
        if (values.Any(value => value is null)) return $"A value for '{field}' is null.";
        if (comparison == RunComparisonKind.Like && field.Kind is not (RunFieldKind.Text or RunFieldKind.Tag or RunFieldKind.Parameter))
        {
            return $"'{field}' is not a text: 'like' does not apply.";
        }
        foreach (var value in values)
        {
            if (CheckValue(field, comparison, value) is { } mistake) return mistake;
        }

        return null;
    }

    /// <summary>The values of a comparison that was checked, as the field has them.</summary>
    public static IReadOnlyList<object> Typed(RunField field, IReadOnlyList<object> values) => field.Kind switch
    {
        RunFieldKind.Time => [.. values.Select(value => value is string text ? (object)TimeOf(text)!.Value : value)],
        RunFieldKind.State => [.. values.Select(value => (object)Enum.Parse<RunState>((string)value, ignoreCase: true).ToString())],
        _ => values,
    };

    /// <summary>A point in time; without an offset it is UTC.</summary>
    public static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParseExact(
            text, s_timeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        || DateTimeOffset.TryParseExact(text, s_offsetForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out time)
            ? time.ToUniversalTime()
            : null;

    private static string? CheckValue(RunField field, RunComparisonKind comparison, object value)
    {
        var isOrdered = comparison is RunComparisonKind.Below or RunComparisonKind.AtMost or RunComparisonKind.Above
            or RunComparisonKind.AtLeast;
        if (value is double number && !double.IsFinite(number)) return $"'{field}' cannot be compared with {number}: use 'exists'.";
        switch (field.Kind)
        {
            case RunFieldKind.Metric or RunFieldKind.Duration:
                return value is double ? null : $"'{field}' is a number, '{value}' is not.";
            case RunFieldKind.Time:
                return value is DateTimeOffset || (value is string text && TimeOf(text) is not null)
                    ? null
                    : $"'{field}' is a point in time, '{value}' is not: write 2026-01-31 or 2026-01-31T08:30:00Z.";
            case RunFieldKind.Parameter:
                return isOrdered && value is not double ? $"'{field}' is ordered as a number, '{value}' is not one." : null;
            case RunFieldKind.State:
                return isOrdered ? $"'{field}' has no order: use = or in."
                    : value is string state && Enum.GetNames<RunState>().Contains(state, StringComparer.OrdinalIgnoreCase) ? null
                    : $"'{value}' is not a state: use {string.Join(", ", Enum.GetNames<RunState>())}.";
            default:
                return isOrdered ? $"'{field}' is a text and has no order: use =, in or like."
                    : value is string ? null : $"'{field}' is a text: quote the value.";
        }
    }
}
