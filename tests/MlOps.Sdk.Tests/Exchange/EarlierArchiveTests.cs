using System.Text.Json.Nodes;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

/// <summary>An archive of format 1 is taken up by this version.</summary>
[TestFixture]
internal sealed class EarlierArchiveTests : ArchiveFixture
{
    [Test]
    public async Task ImportArchiveAsync_Format1_IsTakenUpOnce()
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Compatibility", "archive-1");
        var archive = Path.Combine(folder, "archive.zip");
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "expected.json")))!;

        var report = await Target.ImportArchiveAsync(archive);
        var again = await Target.ImportArchiveAsync(archive);

        Assert.That(
            (report.RunsAdded, report.ArtifactsAdded, report.AuditEntries, report.AuditProblem, report.Conflicts.Count),
            Is.EqualTo(((int)expected["runs"]!, (int)expected["artifacts"]!, (long)expected["auditEntries"]!, (string?)null, 0)));
        Assert.That(
            (again.RunsAdded, again.RunsKnown, again.VersionsKnown, again.Conflicts.Count),
            Is.EqualTo((0, (int)expected["runs"]!, 1, 0)));
        var version = (await Target.Models.ListAsync(SampleLifecycle.Name)).Single();
        Assert.That(
            (version.ContentHash, version.Description),
            Is.EqualTo(((string?)expected["contentHash"], (string?)expected["description"])));
        var searched = (string)expected["searched"]!;
        Assert.That((await Target.Runs.DetailsAsync(searched)).Children, Has.Count.EqualTo((int)expected["children"]!));
        Assert.That((await Target.Runs.MetricsAsync(searched)).Count, Is.EqualTo((int)expected["metrics"]!));
        Assert.That((await Target.LeaderboardAsync(searched))!.Trials, Has.Count.EqualTo(2), "of the summary of its stage");
        Assert.That((await Target.Runs.LogAsync(searched)).Entries, Is.Empty);
        Assert.That((await Target.Runs.ParametersAsync((string)expected["logged"]!))["leaves"], Is.EqualTo("1"));
    }
}
