using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Killed;

/// <summary>
/// Processes that are killed at any moment while they store something: what others see is whole, and the next process goes on.
/// </summary>
[TestFixture]
public sealed class KilledWritersTests : ParquetFixture
{
    // The files of a table and its manifest.
    private const int ObjectsOfATable = 13;
    private readonly Random _random = new(7);
    private readonly List<IAsyncDisposable> _open = [];

    [TearDown]
    public async Task CloseAsync()
    {
        foreach (var open in _open) await open.DisposeAsync();
        _open.Clear();
    }

    [TestCase("folder")]
    [TestCase("s3")]
    [TestCase("blob")]
    public async Task Lake_ProcessIsKilledAtAnyMoment_ShowsTheOldTableOrTheNewOneAndIsMended(string kind)
    {
        using var place = await CreateAsync(kind);
        var (store, done, halves) = (place.Objects(), -1L, 0);
        for (var kill = 0; kill < LongForm.Of(100, 5); kill++)
        {
            var begin = done + 1;
            done = await KillAsync("lake", place, begin);

            var steps = await StepsAsync(DataSources.Objects(store, "t", objects => objects.Parquet()));
            Assert.That(steps.Values, Is.EqualTo(new[] { KilledWork.Rows }), "one table, and whole");
            Assert.That(steps.Keys.Single(), Is.EqualTo(done).Or.EqualTo(done + 1), "the last that was said, or the one after it");
            done = steps.Keys.Single();
            if (await CountAsync(store) != ObjectsOfATable) halves++;
        }

        // Files on their way into a folder have no process that others can see: they are removed when they are old.
        foreach (var file in HiddenFiles()) File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-2));
        await (await KilledWork.TableOfAsync(done + 1)).WriteToAsync(KilledWork.Lake(store), KilledWork.Table);
        Assert.That(await CountAsync(store), Is.EqualTo(ObjectsOfATable), "nothing of others is left");
        Assert.That(
            (await StepsAsync(DataSources.Objects(store, "t", objects => objects.Parquet()))).Keys, Is.EqualTo(new[] { done + 1 }));
        Assert.That(HiddenFiles(), Is.Empty);
        TestContext.Out.WriteLine($"{halves} attempts were half when their process was killed; {done + 1} tables.");
    }

    [Test]
    public async Task ParquetFolder_ProcessIsKilledAtAnyMoment_ShowsWholeTablesAndIsMended()
    {
        using var place = await CreateAsync("folder");
        var (done, halves) = (-1L, 0);
        for (var kill = 0; kill < LongForm.Of(100, 5); kill++)
        {
            done = await KillAsync("append", place, done + 1);

            var steps = await StepsAsync(DataSources.ParquetFolder(place.Address));
            Assert.That(steps.Values, Is.All.EqualTo(KilledWork.Rows), "each table is whole, and there once");
            Assert.That(steps.Count, Is.EqualTo(done + 1).Or.EqualTo(done + 2));
            done = steps.Count - 1;
            halves += Directory.GetDirectories(place.Address, ".mlops-stage-*").Length;
        }

        await (await KilledWork.TableOfAsync(done + 1)).WriteToAsync(KilledWork.Folder(place.Address));
        Assert.That((await StepsAsync(DataSources.ParquetFolder(place.Address))).Keys.Order(), Is.EqualTo(LongRange(done + 2)));
        Assert.That(Directory.GetFileSystemEntries(place.Address, ".mlops-*"), Is.Empty, "nothing of others is left");
        TestContext.Out.WriteLine($"{halves} tables were half when their process was killed; {done + 1} tables.");
    }

    [TestCase("s3")]
    [TestCase("blob")]
    public async Task Artifacts_ProcessIsKilledAtAnyMoment_AreWholeOrNotThere(string kind)
    {
        using var place = await CreateAsync(kind);
        var (store, done, unsaid) = (place.Artifacts(), -1L, 0);
        for (var kill = 0; kill < LongForm.Of(100, 5); kill++)
        {
            var begin = done + 1;
            done = await KillAsync("artifacts", place, begin);

            var listed = new List<ArtifactId>();
            await foreach (var artifact in store.ListAsync()) listed.Add(artifact.Id);
            ArtifactId[] said = [.. LongRange(done + 1).Skip((int)begin).Select(step => ArtifactId.Of(KilledWork.ArtifactOf(step)))];
            var next = ArtifactId.Of(KilledWork.ArtifactOf(done + 1));
            Assert.That(listed, Is.SupersetOf(said), "what was said to be stored is there");
            Assert.That(listed.Except(said), Is.SubsetOf(new[] { next }), "nothing else is");
            foreach (var id in listed) Assert.That(await store.FindLossAsync(id), Is.Null, "and whole");
            if (listed.Count > said.Length) unsaid++;
            foreach (var id in listed) await store.DeleteAsync(id);
        }

        TestContext.Out.WriteLine($"{unsaid} artifacts were whole before that was said; {done + 1} artifacts.");
    }

    private static IEnumerable<long> LongRange(long count) => Enumerable.Range(0, (int)count).Select(step => (long)step);

    private static async Task<int> CountAsync(IObjectStore store)
    {
        var count = 0;
        await foreach (var _ in store.AllAsync("", default)) count++;
        return count;
    }

    private static async Task<Dictionary<long, int>> StepsAsync(IDataSource source)
    {
        var rows = await Tables.ReadAsync(source);
        return Enumerable.Range(0, rows.RowCount)
            .Select(row => (Step: (long)rows["step"].GetNumber(row), Id: rows["id"].GetNumber(row)))
            .Distinct()
            .CountBy(row => row.Step)
            .ToDictionary();
    }

    private string[] HiddenFiles() => Directory.GetFiles(Folder.Path, ".mlops-*", new EnumerationOptions
    {
        RecurseSubdirectories = true,
        AttributesToSkip = 0,
    });

    private async Task<long> KillAsync(string verb, StorePlace place, long begin)
    {
        using var process = HostProcess.StartProject(
            "MlOps.Sdk.StoreHost", [verb, .. place.Arguments, begin.ToString(CultureInfo.InvariantCulture)]);
        var done = await process.ReadLineAsync();
        await Task.Delay(_random.Next(300));
        if (await process.KillAsync() is [.., var last]) done = last;
        return long.Parse(done, CultureInfo.InvariantCulture);
    }

    private async Task<StorePlace> CreateAsync(string kind)
    {
        var variable = kind == "s3" ? "MLOPS_S3" : "MLOPS_BLOB";
        var address = kind == "folder" ? Folder["lake"] : Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(address))
        {
            var missing = $"Set {variable} to the address of the emulator: see CONTRIBUTING.md.";
            if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 }) Assert.Fail(missing);
            Assert.Ignore(missing);
        }
        if (kind == "s3")
        {
            var whole = new WholeRequests(address!);
            _open.Add(whole);
            address = whole.Address;
        }
        var place = new StorePlace(kind, address!, $"mlops-{Guid.NewGuid():N}");
        await place.CreateAsync();
        return place;
    }
}
