using System.Globalization;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The marks by which predictions are known to belong to a part of a window: ranges, because a process counts them up.
/// </summary>
internal static class PaneMarks
{
    public static string Of(long first, long last) => string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    public static string Join(IEnumerable<string> marks) => string.Join(',', marks.Where(part => part.Length > 0));

    /// <exception cref="FormatException">The text is damaged.</exception>
    public static IEnumerable<(long First, long Last)> Read(string marks)
    {
        foreach (var range in marks.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            if (dash < 0) throw new FormatException("A range of marks has no end.");
            yield return (
                long.Parse(range.AsSpan(0, dash), CultureInfo.InvariantCulture),
                long.Parse(range.AsSpan(dash + 1), CultureInfo.InvariantCulture));
        }
    }
}
