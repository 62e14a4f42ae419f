using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The pages, the documentation of the API and the messages use the words of the API, and no translated idioms.</summary>
[TestFixture]
public sealed class WordsTests
{
    private static readonly string[] Idioms =
    [
        "found out", "have no say", "has no say", "told twice", "told apart", "kept aside", "keeps aside", "set aside", "is no class",
        "is no name for", "What is read of", "plug-in owes", "can hang it", "no text can hang", "answers a retraining", "Tells the true",
        "kind owes", "writer owes", "cannot be had", "at fault", "asked for", "stands for", "stand for", "is refused", "are refused",
        "is no number", "is no text", "is no probability", "are no probabilities", " anew", "under way", "told later", "told for the",
        "as it stands", "cannot be gone back", "Nobody asks", "Mend ", "How to mend", "goes on serving", "What a plug-in owes",
    ];

    [TestCaseSource(nameof(Idioms))]
    public void Idiom_IsNowhere(string idiom)
    {
        var pages = Documentation.Pages.Where(page => page != "CHANGELOG.md")
            .Select(page => (Name: page, Text: Documentation.Read(page)));
        var code = new[] { "src", "examples", "docs" }
            .SelectMany(folder => Repository.SourceFiles(Path.Combine(Repository.Root, folder)))
            .Select(file => (Name: Path.GetRelativePath(Repository.Root, file), Text: File.ReadAllText(file)));

        var found = pages.Concat(code).Where(text => text.Text.Contains(idiom, StringComparison.Ordinal));

        Assert.That(found.Select(text => text.Name), Is.Empty);
    }
}
