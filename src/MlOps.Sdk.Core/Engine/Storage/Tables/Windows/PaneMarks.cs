using System.Globalization;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The marks by which predictions are known to belong to a part of a window: ranges, because a process counts them up.
/// </summary>
internal static class PaneMarks
{
    public static string Of(long first, long last) => string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    /// <summary>The marks of several parts; ranges that follow each other are one.</summary>
    /// <exception cref="FormatException">A text is damaged.</exception>
    public static string Join(IEnumerable<string> marks)
    {
        var joined = new List<(long First, long Last)>();
        foreach (var range in marks.SelectMany(Read).Order())
        {
            if (joined is [.., var before] && range.First <= before.Last + 1)
            {
                joined[^1] = (before.First, Math.Max(before.Last, range.Last));
            }
            else
            {
                joined.Add(range);
            }
        }

        return string.Join(',', joined.Select(range => Of(range.First, range.Last)));
    }

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
