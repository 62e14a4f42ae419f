using System.IO.Compression;
using System.Text;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

/// <summary>Archives that somebody made to do harm: nothing of them is taken up.</summary>
[TestFixture]
internal sealed class HostileArchiveTests : ArchiveFixture
{
    private static byte[] _archive = null!;
    private static string _hash = null!;
    private string _before = null!;

    [OneTimeSetUp]
    public static async Task ExportAsync()
    {
        using var folder = new TempFolder();
        await using var source = await Workspace.OpenAsync(folder["source"], options => options.Actor = "sara");
        await LogAsync(source, 1);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(source);
        await source.Models.SetTagAsync(SampleLifecycle.Name, "team", "retention", 1);
        using var archive = new MemoryStream();
        await source.ExportArchiveAsync(archive);
        _archive = archive.ToArray();
        _hash = (await source.Models.ListAsync(SampleLifecycle.Name)).Single().ContentHash;
    }

    [SetUp]
    public async Task ReadAsync() => _before = await StateAsync();

    [TestCase("../../evil", "is not part of an archive")]
    [TestCase("/etc/passwd", "is not part of an archive")]
    [TestCase("artifacts/../evil", "is not part of an archive")]
    [TestCase("artifacts\\evil", "is not part of an archive")]
    [TestCase("runs.jsonl", "appears twice")]
    [TestCase("artifacts/0000000000000000000000000000000000000000000000000000000000000000", "is not in the manifest")]
    public Task ImportArchiveAsync_EntryTooMany_IsRefused(string name, string problem) =>
        RefuseAsync(Zip([.. Entries(), (name, Encoding.UTF8.GetBytes("evil"))]), problem);

    [Test]
    public Task ImportArchiveAsync_Compressed_IsRefused() => RefuseAsync(
        Zip([.. Entries(), ("artifacts/" + new string('0', 64), new byte[10_000_000])], CompressionLevel.SmallestSize), "is compressed");

    [TestCase("runs.jsonl")]
    [TestCase("manifest.json")]
    [TestCase("catalog.jsonl")]
    public Task ImportArchiveAsync_EntryIsMissing_IsRefused(string name) =>
        RefuseAsync(Zip([.. Entries().Where(entry => entry.Name != name)]), name == "manifest.json" ? "no manifest" : "is missing");

    [Test]
    public Task ImportArchiveAsync_ArtifactWasChanged_IsRefused()
    {
        var entries = Entries();
        var i = Array.FindIndex(entries, entry => entry.Name.StartsWith("artifacts/", StringComparison.Ordinal));
        entries[i].Content[0] ^= 1;
        return RefuseAsync(Zip(entries), "does not have the hash");
    }

    [TestCase("manifest.json", "\"format\":2", "\"format\":3", "has format 3")]
    [TestCase("manifest.json", "\"format\":2", "\"format\":\"x\"", "cannot be read")]
    [TestCase("manifest.json", "\"entries\":[", "\"entries\":[null,", "not one of an archive")]
    [TestCase("runs.jsonl", "\"state\":\"Succeeded\"", "\"state\":\"Running\"", "because of its state")]
    [TestCase("runs.jsonl", "\"state\":\"Succeeded\"", "\"state\":\"7\"", "because of its state")]
    [TestCase("runs.jsonl", "\"id\":\"", "\"id\":\"../", "because of its id")]
    [TestCase("manifest.json", "\"format\":2", "\"format\":1", "is not part of an archive of format 1")]
    [TestCase("runs.jsonl", "\"parameters\":{", "\"parameters\":null,\"parameters\":{\"x\":null,", "because of its parameters")]
    [TestCase("runs.jsonl", "\"parameters\":{", "\"x\":1,\"parameters\":{", "is not what it should be")]
    [TestCase("runs.jsonl", "\"starter\":\"sara\"", "\"starter\":\" \"", "because of who started it")]
    [TestCase("runs.jsonl", "\"starter\":\"sara\"", "\"starter\":\"sara\",\"resultsOf\":\"../x\"", "because of the run whose results")]
    [TestCase("runs.jsonl", "\"starter\":\"sara\"", "\"starter\":\"sara\",\"fromStage\":99", "because of the stage it began with")]
    [TestCase("runs.jsonl", "\"starter\":\"sara\"", "\"starter\":\"sara\",\"logDropped\":-1", "because of its log")]
    [TestCase("runs.jsonl", "{\"no\":2,", "{\"no\":1,", "not in their order")]
    [TestCase("runs.jsonl", "{\"no\":1,", "{\"no\":0,", "because of its text, level or place")]
    [TestCase("runs.jsonl", "\"level\":2", "\"level\":6", "because of its text, level or place")]
    [TestCase("runs.jsonl", "\"size\":", "\"size\":1000000", "because of its text, level or place")]
    [TestCase("runs.jsonl", "\"message\":", "\"extra\":1,\"message\":", "is not what it should be")]
    [TestCase("runs.jsonl", "{\"trial\":{\"trial\":\"", "{\"trial\":{\"trial\":\"../", "because of its result")]
    [TestCase("runs.jsonl", "\\u0022trials\\u0022:[", "\\u0022trials\\u0022:[null,", "because of its result")]
    [TestCase("versions.jsonl", "\"version\":1", "\"version\":2000000000", "because of its record")]
    [TestCase(
        "versions.jsonl",
        "\"version\":1",
        "\"deletion\":{\"at\":1,\"actor\":\"\",\"reason\":\"\"},\"version\":1",
        "because of its record")]
    [TestCase("catalog.jsonl", "\"property\":\"tag\"", "\"property\":\"alias\"", "because of its text or property")]
    [TestCase("catalog.jsonl", "\"property\":\"tag\"", "\"property\":\"deleted\"", "because of its text or property")]
    [TestCase("catalog.jsonl", "\"name\":\"team\"", "\"name\":\"\"", "because of its text or property")]
    [TestCase("catalog.jsonl", "\"actor\":\"sara\"", "\"actor\":\"\"", "because of its text or property")]
    [TestCase("catalog.jsonl", "\"version\":1", "\"version\":7", "that it does not have")]
    [TestCase("catalog.jsonl", "\"model\":\"", "\"model\":\"other", "that it does not have")]
    [TestCase("catalog.jsonl", "\"actor\":", "\"x\":1,\"actor\":", "is not what it should be")]
    [TestCase("runs.jsonl", "\"stage\":2", "\"stage\":1", "because of its stages")]
    [TestCase("runs.jsonl", "\"stage\":2", "\"stage\":99", "because of its stages")]
    [TestCase("runs.jsonl", "\"startedAt\":6", "\"startedAt\":-6", "because of its times")]
    [TestCase("runs.jsonl", "\"steps\":[0", "\"steps\":[0,0", "because of its points")]
    [TestCase("runs.jsonl", "{\"run\"", "{\"run\":", "is not what it should be")]
    [TestCase("versions.jsonl", "\"version\":1", "\"version\":-1", "because of its record")]
    [TestCase("versions.jsonl", "\"model\":\"", "\"model\":\"../", "because of its record")]
    [TestCase("versions.jsonl", "\"metrics\":\"", "\"metrics\":\"[]", "because of its record")]
    [TestCase("audit.jsonl", "\"actor\":\"sara\"", "\"actor\":null", "because of its text")]
    public Task ImportArchiveAsync_RecordThatCannotBe_IsRefused(string entry, string from, string to, string problem)
    {
        var forged = Forge(_archive, entry, text =>
        {
            Assert.That(text, Does.Contain(from));
            return text.Replace(from, to, StringComparison.Ordinal);
        });
        return RefuseAsync(forged, problem);
    }

    [TestCase("runs.jsonl", "{\"trial\":", "appears twice")]
    [TestCase("runs.jsonl", "{\"log\":", "not in their order")]
    [TestCase("versions.jsonl", "{\"model\":", "appears twice")]
    [TestCase("catalog.jsonl", "{\"model\":", "twice")]
    public Task ImportArchiveAsync_LineTwice_IsRefused(string entry, string begin, string problem) => RefuseAsync(
        Forge(_archive, entry, text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(
            line => line.StartsWith(begin, StringComparison.Ordinal) ? $"{line}\n{line}\n" : $"{line}\n"))),
        problem);

    [Test]
    public Task ImportArchiveAsync_TagLongerThanAny_IsRefused() => RefuseAsync(
        Forge(_archive, "catalog.jsonl", text => text.Replace("retention", new string('x', 10_001), StringComparison.Ordinal)),
        "because of its text or property");

    [Test]
    public Task ImportArchiveAsync_LineWithoutEnd_IsRefused() =>
        RefuseAsync(Forge(_archive, "versions.jsonl", text => text.TrimEnd()), "its last line is cut");

    [Test]
    public async Task ImportArchiveAsync_AnyCut_IsRefused()
    {
        for (var i = 0; i < 40; i++) await RefuseAsync(_archive[..(_archive.Length * i / 40)], "");
    }

    [Test]
    public async Task ImportArchiveAsync_AnyFlippedBit_IsRefusedOrChangesNothingThatCounts()
    {
        var random = new Random(1);
        for (var i = 0; i < LongForm.Of(2_000, 100); i++)
        {
            var bytes = _archive.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                // Times and flags of entries are not used.
                var report = await Target.ImportArchiveAsync(new MemoryStream(bytes), dryRun: true);
                Assert.That((report.Conflicts.Count, report.AuditProblem), Is.EqualTo((0, (string?)null)));
            }
            catch (MlOpsException)
            {
                // It was noticed.
            }
        }
    }

    [Test]
    public async Task ImportArchiveAsync_PackageOfAnotherContent_IsNotRegistered()
    {
        var forged = Forge(_archive, "versions.jsonl", text => text.Replace(_hash, new string('a', 64), StringComparison.Ordinal));

        var report = await Target.ImportArchiveAsync(new MemoryStream(forged));

        Assert.That(report.Conflicts.Single().Problem, Does.Contain("another content hash"));
        Assert.That(await Target.Models.ModelsAsync(), Is.Empty);
    }

    private static (string Name, byte[] Content)[] Entries() =>
        [.. ZipBytes.NamesOf(_archive).Select(name => (name, ZipBytes.EntryOf(_archive, name)))];

    private async Task RefuseAsync(byte[] archive, string problem)
    {
        Assert.That(
            async () => await Target.ImportArchiveAsync(new MemoryStream(archive)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(problem));
        Assert.That(await StateAsync(), Is.EqualTo(_before));
    }
}
