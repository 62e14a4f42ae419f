using System.Text;
using System.Text.RegularExpressions;
using MlOps.Sdk.Tests.Architecture;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The pages for readers, and the code that they show.</summary>
internal static partial class Documentation
{
    public static string Snippets => Path.Combine(Repository.Root, "docs", "Snippets");

    public static IEnumerable<string> Pages => Directory.EnumerateFiles(Repository.Root, "*.md")
        .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Repository.Root, file))
        .Where(page => !page.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    public static string Read(string page) => File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n");

    /// <summary>
    /// The code between <c>begin-snippet</c> and <c>end-snippet</c>, by name, without the indentation that all its lines share.
    /// </summary>
    public static IReadOnlyDictionary<string, string> ReadSnippets()
    {
        var snippets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Repository.SourceFiles(Snippets).Concat(Repository.SourceFiles(Path.Combine(Repository.Root, "examples"))))
        {
            string? name = null;
            var lines = new List<string>();
            foreach (var line in File.ReadLines(file))
            {
                if (Begin().Match(line) is { Success: true } begin)
                {
                    if (name is not null) throw new InvalidOperationException($"{file}: the snippet '{name}' has no end.");
                    name = begin.Groups[1].Value;
                    lines.Clear();
                }
                else if (line.Trim() == "// end-snippet")
                {
                    snippets.Add(name ?? throw new InvalidOperationException($"{file}: an end without a beginning."), Dedent(lines));
                    name = null;
                }
                else
                {
                    lines.Add(line);
                }
            }

            if (name is not null) throw new InvalidOperationException($"{file}: the snippet '{name}' has no end.");
        }

        return snippets;
    }

    /// <summary>The fenced code blocks of a page.</summary>
    public static IReadOnlyList<CodeBlock> Blocks(string text)
    {
        var blocks = new List<CodeBlock>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal)) continue;
            var first = i + 1;
            var last = Array.FindIndex(lines, first, line => line == "```");
            if (last < 0) throw new InvalidOperationException($"The code block of line {first} has no end.");
            var snippet = i > 0 && Marker().Match(lines[i - 1]) is { Success: true } marker ? marker.Groups[1].Value : null;
            blocks.Add(new CodeBlock(first, lines[i][3..], snippet, string.Join('\n', lines[first..last])));
            i = last;
        }

        return blocks;
    }

    /// <summary>The page with the code of its marked blocks replaced by what the snippets hold.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, string> snippets)
    {
        var filled = new StringBuilder();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            filled.Append(lines[i]).Append(i < lines.Length - 1 ? "\n" : "");
            if (Marker().Match(lines[i]) is not { Success: true } marker
                || lines[i + 1] != "```csharp"
                || !snippets.TryGetValue(marker.Groups[1].Value, out var code))
            {
                continue;
            }
            filled.Append("```csharp\n").Append(code).Append("\n```\n");
            i = Array.IndexOf(lines, "```", i + 2);
        }

        return filled.ToString();
    }

    /// <summary>The page without its code.</summary>
    public static string Prose(string text) => Fenced().Replace(text, "");

    /// <summary>The anchors of a page's headings.</summary>
    public static IReadOnlyCollection<string> Anchors(string text) =>
        [.. Heading().Matches(Prose(text)).Select(
            heading => NotInAnchors().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    /// <summary>The targets of a page's links.</summary>
    public static IEnumerable<string> Links(string text) => Link().Matches(Prose(text)).Select(link => link.Groups[1].Value);

    private static string Dedent(List<string> lines)
    {
        var shared = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[shared..])).Trim('\n');
    }

    [GeneratedRegex(@"^\s*// begin-snippet: (\S+)$")]
    private static partial Regex Begin();

    [GeneratedRegex(@"^<!-- snippet: (\S+) -->$")]
    private static partial Regex Marker();

    [GeneratedRegex(@"^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
