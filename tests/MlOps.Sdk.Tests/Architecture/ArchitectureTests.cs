using System.Text.RegularExpressions;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Architecture;

[TestFixture]
public sealed partial class ArchitectureTests
{
    [Test]
    [LongForm]
    public void Rooms_OfTheCore_ImportOnlyWhatTheyMay()
    {
        var graph = RoomGraph.OfCore();
        var refused = graph.Uses
            .Select(use => (Use: use, Why: ImportRules.Refuse(use.Key.From, use.Key.To)))
            .Where(checkedUse => checkedUse.Why is not null)
            .Select(checkedUse => $"{checkedUse.Use.Key.From} -> {checkedUse.Use.Key.To}: {checkedUse.Why} ({checkedUse.Use.Value})")
            .Order();

        Assert.Multiple(() =>
        {
            Assert.That(graph.Uses, Has.Count.GreaterThan(20), "the compiler found too few uses to judge");
            Assert.That(refused, Is.Empty);
            Assert.That(RoomGraph.FindCycle(graph.Uses.Keys), Is.Empty, "rooms import each other");
        });
    }

    [Test]
    [LongForm]
    public void Folders_InsideARoom_FormNoCircle()
    {
        var uses = RoomGraph.OfCore().SiblingUses;
        var circle = RoomGraph.FindCycle(uses.Keys);

        Assert.Multiple(() =>
        {
            Assert.That(uses, Has.Count.GreaterThan(20), "the compiler found too few uses to judge");
            Assert.That(circle.Zip(circle.Skip(1), (from, to) => $"{from} -> {to}: {uses[(from, to)]}"), Is.Empty);
        });
    }

    [TestCase("Stages/Processing/Joins/A.cs", "Stages/Processing/Steps/B.cs", "Stages/Processing/Joins", "Stages/Processing/Steps")]
    [TestCase(
        "Stages/Collection/Files/Csv/A.cs",
        "Stages/Collection/Files/Folders/B.cs",
        "Stages/Collection/Files/Csv",
        "Stages/Collection/Files/Folders")]
    [TestCase("Stages/Collection/Files/Csv/A.cs", "Stages/Collection/Reading/B.cs", "Stages/Collection/Files", "Stages/Collection/Reading")]
    [TestCase("Stages/Processing/A.cs", "Stages/Processing/Steps/B.cs", null, null)]
    [TestCase("Stages/Processing/Steps/A.cs", "Stages/Processing/Steps/B.cs", null, null)]
    [TestCase("Stages/Processing/Steps/A.cs", "Stages/Collection/Files/B.cs", null, null)]
    public void Siblings_OfTwoFiles_AreTheFoldersThatDivideThem(string from, string to, string? first, string? second) =>
        Assert.That(
            RoomGraph.Siblings(from.Split('/'), to.Split('/')),
            Is.EqualTo(first is null ? null : ((string, string)?)(first, second!)));

    [Test]
    public void Folders_OfTheCore_AreThoseOfThePlan()
    {
        var unknown = Repository.SourceFiles(Repository.Source)
            .Select(file => Path.GetRelativePath(Repository.Source, file).Split(Path.DirectorySeparatorChar))
            .Where(parts => parts.Length > 1
                && !ImportRules.IsRootRoom(parts[0])
                && (parts.Length == 2 || !ImportRules.IsKnown($"{parts[0]}/{parts[1]}")))
            .Select(parts => string.Join('/', parts));

        Assert.That(unknown, Is.Empty);
    }

    [Test]
    public void Sql_OutsideStorage_IsAbsent()
    {
        // What is counted in a user's database is asked in rooms named after it, and interrupted where it is read.
        var rooms = new[] { Path.Combine("Engine", "Storage"), RoomOf("Warehouses"), RoomOf("Databases") };
        var offenders = Repository.SourceFiles(Repository.Source)
            .Where(file => !rooms.Any(room => file.Contains(room, StringComparison.Ordinal)))
            .Where(file => SqlUse().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);

        Assert.That(offenders, Is.Empty);

        static string RoomOf(string folder) => $"{Path.DirectorySeparatorChar}{folder}{Path.DirectorySeparatorChar}";
    }

    [Test]
    public void Sources_OfThePackages_LeaveClockChanceAndConsoleToTheCaller()
    {
        var offenders = Repository.Packages.SelectMany(Repository.SourceFiles)
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (file, line, index)))
            .Where(entry => Uncontrolled().IsMatch(entry.line))

            // The tool is a program: this file, and no other of it, has the console.
            .Where(entry => !entry.file.EndsWith(Path.Combine("mlops", "Program.cs"), StringComparison.Ordinal))

            // The writer's own thread waits for other processes; it blocks nobody else, and no clock can be told to release a file lock.
            .Where(entry => !(entry.line.Contains("Thread.Sleep", StringComparison.Ordinal)
                && entry.file.Contains(Path.Combine("Engine", "Storage"), StringComparison.Ordinal)))
            .Select(entry => $"{Path.GetFileName(entry.file)}:{entry.index + 1} {entry.line.Trim()}");

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void Namespaces_OfTheCore_FollowTheFolders()
    {
        var offenders = Repository.SourceFiles(Repository.Source)
            .Select(file => (
                file,
                parts: Path.GetRelativePath(Repository.Source, file).Split(Path.DirectorySeparatorChar),
                space: NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value))
            .Where(entry => entry.space.Length > 0
                && entry.space != "MlOps.Sdk"
                && (entry.parts.Length < 3 || entry.space != $"MlOps.Sdk.{entry.parts[1]}"))
            .Select(entry => $"{string.Join('/', entry.parts)}: {entry.space}");

        Assert.That(offenders, Is.Empty);
    }

    [GeneratedRegex(@"using (Dapper|Microsoft\.Data\.Sqlite|SQLitePCL)|\b(SELECT .+ FROM|INSERT (OR \w+ )?INTO|CREATE TABLE) ")]
    private static partial Regex SqlUse();

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?Now\b|Random\.Shared|new Random\(\)|Thread\.Sleep|(?<!Spectre\.)\bConsole\.")]
    private static partial Regex Uncontrolled();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
