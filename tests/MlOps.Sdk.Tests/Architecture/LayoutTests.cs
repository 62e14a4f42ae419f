using NUnit.Framework;

namespace MlOps.Sdk.Tests.Architecture;

/// <summary>What keeps files findable and readable: small folders, narrow lines.</summary>
[TestFixture]
public sealed class LayoutTests
{
    private const int LongestLine = 140;
    private const int FullestFolder = 22;

    [Test]
    public void Folders_OfThePackages_HoldFewFiles()
    {
        var full = Repository.Folders(Path.Combine(Repository.Root, "src"))
            .Select(folder => (Folder: Relative(folder), Files: Directory.EnumerateFiles(folder).Count()))
            .Where(entry => entry.Files > FullestFolder)
            .Select(entry => $"{entry.Folder} holds {entry.Files} files: divide it by capability");

        Assert.That(full, Is.Empty);
    }

    [Test]
    public void Lines_OfTheCode_AreNarrow()
    {
        var files = new[] { "src", "tests", "examples", "docs" }
            .SelectMany(folder => Repository.SourceFiles(Path.Combine(Repository.Root, folder)))
            .ToList();
        var wider = files.SelectMany(file => File.ReadLines(file)
            .Select((line, index) => (line, index))
            .Where(entry => entry.line.Length > LongestLine)
            .Select(entry => $"{Relative(file)}:{entry.index + 1} is {entry.line.Length} characters wide"));

        Assert.Multiple(() =>
        {
            Assert.That(files, Has.Count.GreaterThan(800), "too few files were found to judge");
            Assert.That(wider, Is.Empty);
        });
    }

    // Filters by name drop such files: `--filter Tests`, or a search for the tests of something.
    [Test]
    public void Files_OfThePackages_AreNotNamedLikeTests()
    {
        var named = Repository.SourceFiles(Path.Combine(Repository.Root, "src"))
            .Where(file => Path.GetFileNameWithoutExtension(file) is var name
                && (name.EndsWith("Test", StringComparison.Ordinal) || name.EndsWith("Tests", StringComparison.Ordinal)))
            .Select(Relative);

        Assert.That(named, Is.Empty);
    }

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path).Replace(Path.DirectorySeparatorChar, '/');
}
