using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

/// <summary>What people said of models and versions: tags, descriptions, what is archived and deleted.</summary>
[TestFixture]
internal sealed class ArchivedCatalogTests : ArchiveFixture
{
    private const string Model = "churn";

    [Test]
    public async Task ImportArchiveAsync_TagsDescriptionsAndArchivings_AreChangesOfTheImportWithTheirOrigin()
    {
        await BlessedModels.CreateTwoAsync(Source, Model);
        await Source.Models.SetTagAsync(Model, "team", "retention");
        await Source.Models.DescribeAsync(Model, "who leaves");
        await Source.Models.SetTagAsync(Model, "data", "ä €", 2);
        await Source.Models.DescribeAsync(Model, "the second", 2);
        await Source.Models.ArchiveAsync(Model, 1, "too old");
        await Source.Models.SetAliasAsync(Model, "candidate", 2, "try it");
        var exported = await Source.ExportArchiveAsync(Archive);

        var dry = await Target.ImportArchiveAsync(Archive, dryRun: true);
        var report = await Target.ImportArchiveAsync(Archive);
        var again = await Target.ImportArchiveAsync(Archive);

        Assert.That((exported.Versions, report.Versions.Count), Is.EqualTo((2, 2)), "archived versions are exported");
        Assert.That((dry.ModelChangesAdded, report.ModelChangesAdded, again.ModelChangesAdded), Is.EqualTo((5, 5, 0)));
        Assert.That((dry with { IsDryRun = false }).ToString(), Is.EqualTo(report.ToString()));
        Assert.That((report.Conflicts.Count, again.Conflicts.Count, again.VersionsKnown), Is.EqualTo((0, 0, 2)));
        var model = (await Target.Models.FindModelAsync(Model))!;
        Assert.That((model.Description, model.Tags["team"]), Is.EqualTo(("who leaves", "retention")));
        Assert.That((model.Aliases.Count, model.ArchivedVersions), Is.EqualTo((0, 1)), "aliases are not carried");
        var second = await Target.Models.GetAsync(Model, 2);
        Assert.That((second.Description, second.Tags["data"], second.IsArchived), Is.EqualTo(("the second", "ä €", false)));
        var archived = (await Target.Models.ChangesAsync(Model, 1)).Single();
        Assert.That((archived.Actor, archived.Reason), Is.EqualTo(("tom", "too old")));
        var details = await DetailsAsync($"model:{Model}/1", "version.archived");
        var origin = (await Source.Models.ChangesAsync(Model, 1)).Single();
        Assert.That(
            (details["origin"], details["originActor"], DateTimeOffset.Parse(details["originAt"], null)),
            Is.EqualTo(($"{Source.Id}/{Model}/1", "sara", origin.At)));
        Assert.That((await Target.Audit.VerifyAsync()).IsIntact);
    }

    [Test]
    public async Task ImportArchiveAsync_OwnValues_StayAndAreReported()
    {
        await BlessedModels.CreateTwoAsync(Source, Model);
        await Source.ExportArchiveAsync(Archive);
        await Target.ImportArchiveAsync(Archive);
        foreach (var workspace in new[] { Source, Target })
        {
            var name = workspace == Source ? "theirs" : "ours";
            await workspace.Models.SetTagAsync(Model, "team", name);
            await workspace.Models.DescribeAsync(Model, name, 1);
            await workspace.Models.SetTagAsync(Model, "same", "same", 1);
            await workspace.Models.SetTagAsync(Model, "taken-back", "x", 1);
            await workspace.Models.SetTagAsync(Model, name, "only", 1);
        }
        await Target.Models.RemoveTagAsync(Model, "taken-back", 1);
        await Source.ExportArchiveAsync(Folder["later.mlops"]);

        var report = await Target.ImportArchiveAsync(Folder["later.mlops"]);
        var again = await Target.ImportArchiveAsync(Folder["later.mlops"]);

        Assert.That((report.ModelChangesAdded, again.ModelChangesAdded), Is.EqualTo((1, 0)));
        Assert.That(
            report.Conflicts.Select(each => (each.Subject, each.Problem)),
            Is.EqualTo(new[]
            {
                ($"model:{Model}", "The tag 'team' has another value here, which was left as it is."),
                ($"model:{Model}/1", "The description has another value here, which was left as it is."),
                ($"model:{Model}/1", "The tag 'taken-back' was taken back here, which was left as it is."),
            }));
        Assert.That(again.Conflicts, Is.EqualTo(report.Conflicts));
        var version = await Target.Models.GetAsync(Model, 1);
        Assert.That(version.Tags.Keys, Is.EquivalentTo(new[] { "same", "ours", "theirs" }));
        Assert.That((version.Description, (await Target.Models.FindModelAsync(Model))!.Tags["team"]), Is.EqualTo(("ours", "ours")));
        Assert.That((await Target.Audit.VerifyAsync()).IsIntact);
    }

    [Test]
    public async Task ImportArchiveAsync_ArchivedElsewhereAndLiveHere_StaysLive()
    {
        await BlessedModels.CreateTwoAsync(Source, Model);
        await Source.ExportArchiveAsync(Archive);
        await Target.ImportArchiveAsync(Archive);
        await Target.Models.SetAliasAsync(Model, "candidate", 1, "in use");
        await Source.Models.ArchiveAsync(Model, 1, "too old");
        await Source.ExportArchiveAsync(Folder["later.mlops"]);

        var report = await Target.ImportArchiveAsync(Folder["later.mlops"]);

        Assert.That(report.Conflicts.Single().Problem, Is.EqualTo("It has the alias 'candidate' here, and was not archived."));
        Assert.That((await Target.Models.GetAsync(Model, 1)).IsArchived, Is.False);
    }

    [Test]
    public async Task ImportArchiveAsync_DeletedElsewhere_IsToldAndNotRegistered()
    {
        await BlessedModels.CreateTwoAsync(Source, Model);
        await Source.ExportArchiveAsync(Archive);
        var package = (await Source.Models.GetAsync(Model, 1)).PackageId;
        await Source.Models.ArchiveAsync(Model, 1, "first");
        await Source.Models.DeleteAsync(Model, 1, "a person asked for it");
        var exported = await Source.ExportArchiveAsync(Folder["later.mlops"]);

        var report = await Target.ImportArchiveAsync(Folder["later.mlops"]);

        Assert.That((exported.Versions, exported.DeletedVersions), Is.EqualTo((2, 1)));
        var deleted = report.VersionsDeleted.Single();
        Assert.That(
            (deleted.Model, deleted.From, deleted.Deletion.Actor, deleted.Deletion.Reason),
            Is.EqualTo((Model, 1, "sara", "a person asked for it")));
        Assert.That((await Target.Models.SearchAsync(new VersionQuery { IncludeDeleted = true, IncludeArchived = true })).Single().Version,
            Is.EqualTo(2));
        Assert.That(await Target.Artifacts.ExistsAsync(package), Is.False, "the package of a deleted version does not leave");
        Assert.That(report.Conflicts, Is.Empty);

        // Where it is, it stays.
        await using var third = await Workspace.OpenAsync(Folder["third"]);
        await third.ImportArchiveAsync(Archive);
        var later = await third.ImportArchiveAsync(Folder["later.mlops"]);
        Assert.That(later.Conflicts.Single().Problem, Is.EqualTo("It was deleted there, and stays here as version 1."));
        Assert.That((await third.Models.GetAsync(Model, 1)).Deletion, Is.Null);
    }

    [Test]
    public async Task ImportArchiveAsync_DeletedHere_IsNotRegisteredAgain()
    {
        await BlessedModels.CreateTwoAsync(Source, Model);
        await Source.ExportArchiveAsync(Archive);
        await Target.ImportArchiveAsync(Archive);
        await Target.Models.DeleteAsync(Model, 1, "not ours");

        var report = await Target.ImportArchiveAsync(Archive);

        Assert.That(report.Versions, Is.Empty);
        Assert.That(
            report.Conflicts.Single().Problem, Does.StartWith("It was deleted here as version 1 by tom").And.Contain("not registered"));
    }

    [Test]
    public async Task ImportArchiveAsync_ActorMayNotDescribe_RegistersAndReports()
    {
        await BlessedModels.CreateTwoAsync(Source, Model);
        await Source.Models.SetTagAsync(Model, "team", "retention", 1);
        await Source.ExportArchiveAsync(Archive);
        await using var guarded = await Workspace.OpenAsync(Folder["guarded"], options => options.Actors = new Reader());

        var report = await guarded.ImportArchiveAsync(Archive);

        Assert.That(report.Versions, Has.Count.EqualTo(2));
        Assert.That(report.Conflicts.Single().Problem, Does.Contain("may not describe or tag"));
        Assert.That((await guarded.Models.GetAsync(Model, 1)).Tags, Is.Empty);
    }

    [Test]
    public async Task ExportArchiveAsync_SingleVersion_TakesWhatIsSaidOfItAlone()
    {
        await BlessedModels.CreateTwoAsync(Source, Model);
        await Source.Models.SetTagAsync(Model, "of", "the model");
        await Source.Models.SetTagAsync(Model, "of", "the first", 1);
        await Source.Models.SetTagAsync(Model, "of", "the second", 2);
        await Source.ExportArchiveAsync(Archive, new ArchiveSelection { Versions = [await Source.Models.GetAsync(Model, 2)] });

        var report = await Target.ImportArchiveAsync(Archive);

        Assert.That(report.ModelChangesAdded, Is.EqualTo(1));
        Assert.That((await Target.Models.GetAsync(Model, 2)).Tags["of"], Is.EqualTo("the second"));
        Assert.That((await Target.Models.FindModelAsync(Model))!.Tags, Is.Empty);
    }

    private async Task<SortedDictionary<string, string>> DetailsAsync(string subject, string action)
    {
        await foreach (var entry in Target.Audit.ReadAsync(subject: subject))
        {
            if (entry.Action == action) return StorageJson.ReadFields(entry.Details);
        }
        throw new InvalidOperationException($"nothing is said of {subject}");
    }

    private sealed class Reader : IActorProvider
    {
        public string Actor => "reader";

        public bool May(ReleaseAction action, string model) => action != ReleaseAction.Describe;
    }
}
