using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

[TestFixture]
public sealed class DocumentationTests
{
    private static readonly string[] Stages =
    [
        "problem", "collection", "processing", "metrics", "exploration", "features", "training", "deployment", "monitoring"
    ];

    [TestCaseSource(typeof(Documentation), nameof(Documentation.Pages))]
    public void Page_ItsCode_IsThatOfACompiledSnippet(string page)
    {
        var snippets = Documentation.ReadSnippets();
        if (Environment.GetEnvironmentVariable("MLOPS_ACCEPT_SNIPPETS") == "1")
            File.WriteAllText(Path.Combine(Repository.Root, page), Documentation.Fill(Documentation.Read(page), snippets));

        foreach (var block in Documentation.Blocks(Documentation.Read(page)))
        {
            Assert.That(
                block.Language, Is.AnyOf("csharp", "text", "sh", "json", "xml"), $"{page}:{block.Line} says in which language it is.");
            if (block.Language != "csharp") continue;
            Assert.That(
                block.Snippet, Is.Not.Null, $"{page}:{block.Line} has no '<!-- snippet: name -->' above it, so nobody compiles it.");
            Assert.That(
                snippets.Keys, Does.Contain(block.Snippet), $"{page}:{block.Line} shows a snippet that docs/Snippets does not have.");
            Assert.That(
                block.Code,
                Is.EqualTo(snippets[block.Snippet!]),
                $"{page}:{block.Line} differs from docs/Snippets. To take the snippet over, run the tests with MLOPS_ACCEPT_SNIPPETS=1.");
        }
    }

    [Test]
    public void Snippets_OfTheProject_AreAllShown()
    {
        var shown = Documentation.Pages.SelectMany(page => Documentation.Blocks(Documentation.Read(page)))
            .Select(block => block.Snippet)
            .ToHashSet();

        Assert.That(Documentation.ReadSnippets().Keys.Where(name => !shown.Contains(name)), Is.Empty);
    }

    [TestCaseSource(typeof(Documentation), nameof(Documentation.Pages))]
    public void Page_ItsRelativeLinks_LeadSomewhere(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        foreach (var link in Documentation.Links(Documentation.Read(page)))
        {
            if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal)) continue;
            var parts = link.Split('#');
            var target = Path.GetFullPath(parts[0].Length == 0 ? Path.Combine(Repository.Root, page) : Path.Combine(folder, parts[0]));
            Assert.That(File.Exists(target) || Directory.Exists(target), Is.True, $"{page} links to {link}, which is not there.");
            if (parts.Length > 1)
            {
                Assert.That(
                    Documentation.Anchors(File.ReadAllText(target).ReplaceLineEndings("\n")),
                    Does.Contain(parts[1]),
                    $"{page} links to {link}, and there is no such heading.");
            }
        }
    }

    [Test]
    public void Readme_ItsLength_StaysBelow250Lines() => Assert.That(Documentation.Read("README.md").Split('\n'), Has.Length.LessThan(250));

    [TestCaseSource(nameof(Stages))]
    public void StagePage_ItsSections_AreTheSameOnEveryPage(string stage)
    {
        var anchors = Documentation.Anchors(Documentation.Read(Path.Combine("docs", "stages", stage + ".md")));

        Assert.That(anchors, Is.SupersetOf(new[] { "about", "use", "defaults", "extend" }));
    }

    [Test]
    public void Blocks_OfAPage_CarryTheirMarker()
    {
        var blocks = Documentation.Blocks("a\n<!-- snippet: one -->\n```csharp\nvar a = 1;\n```\n\n```csharp\nvar b = 2;\n```");

        Assert.That(
            blocks,
            Is.EqualTo(new[] { new CodeBlock(3, "csharp", "one", "var a = 1;"), new CodeBlock(7, "csharp", null, "var b = 2;") }));
    }

    [Test]
    public void Fill_AMarkedBlock_TakesTheSnippetOver()
    {
        var filled = Documentation.Fill(
            "<!-- snippet: one -->\n```csharp\nold\n```\nafter\n",
            new Dictionary<string, string> { ["one"] = "new" });

        Assert.That(filled, Is.EqualTo("<!-- snippet: one -->\n```csharp\nnew\n```\nafter\n"));
    }
}
