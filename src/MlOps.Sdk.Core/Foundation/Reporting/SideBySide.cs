using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Reporting;

/// <summary>Things side by side: what differs between them, and tables of text.</summary>
internal static class SideBySide
{
    /// <summary>The names of which not all have the same value, in order; <see langword="null"/> for those that do not have it.</summary>
    public static IEnumerable<(string Name, string?[] Values)> Differing(IEnumerable<IReadOnlyDictionary<string, string>> all)
    {
        IReadOnlyDictionary<string, string>[] each = [.. all];
        foreach (var name in each.SelectMany(of => of.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            string?[] found = [.. each.Select(of => of.GetValueOrDefault(name))];
            if (found.Distinct().Count() > 1) yield return (name, found);
        }
    }

    /// <summary>A table of text, as wide as its cells, without blanks at the end of lines.</summary>
    /// <param name="lines">The lines, of as many cells each.</param>
    public static string Table(IReadOnlyList<string[]> lines)
    {
        if (lines.Count == 0) return "";

        // Names come of data and of people: a terminal must not obey them.
        lines = [.. lines.Select(line => (string[])[.. line.Select(PrintableText.Clean)])];
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.AppendLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd(' '));
        }

        return text.ToString();
    }
}
