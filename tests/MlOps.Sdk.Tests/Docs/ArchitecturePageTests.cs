using System.Text.RegularExpressions;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

[TestFixture]
public sealed partial class ArchitecturePageTests
{
    private static string Page => Documentation.Read(Path.Combine("docs", "architecture.md"));

    [Test]
    public void Tree_ItsRooms_AreTheFoldersOfTheCore()
    {
        var tree = Documentation.Blocks(Page)[0].Code;
        var rooms = new[] { "Stages", "Engine", "Foundation" }
            .SelectMany(wing => Directory.EnumerateDirectories(Path.Combine(Repository.Source, wing)))
            .Select(Path.GetFileName);

        Assert.That(Room().Matches(tree).Select(room => room.Groups[1].Value), Is.EquivalentTo(rooms));
    }

    [Test]
    public void Journey_TheTypesThatItNames_Exist()
    {
        var types = typeof(MlOpsException).Assembly.GetTypes().Select(type => type.Name.Split('`')[0]).ToHashSet();
        var named = TypeName()
            .Matches(Page[Page.IndexOf("## How one row travels", StringComparison.Ordinal)..])
            .Select(name => name.Groups[1].Value)
            .ToList();

        Assert.That(named, Has.Count.GreaterThan(30));
        Assert.That(named.Where(name => !types.Contains(name)), Is.Empty);
    }

    [GeneratedRegex(@"^      (\w+)/ ", RegexOptions.Multiline)]
    private static partial Regex Room();

    [GeneratedRegex(@"`([A-Z]\w+)`")]
    private static partial Regex TypeName();
}
