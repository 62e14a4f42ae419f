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

    [TestCase("manifest.json", "\"format\":1", "\"format\":2", "has format 2")]
    [TestCase("manifest.json", "\"format\":1", "\"format\":\"x\"", "cannot be read")]
    [TestCase("manifest.json", "\"entries\":[", "\"entries\":[null,", "not one of an archive")]
    [TestCase("runs.jsonl", "\"state\":\"Succeeded\"", "\"state\":\"Running\"", "because of its state")]
    [TestCase("runs.jsonl", "\"state\":\"Succeeded\"", "\"state\":\"7\"", "because of its state")]
    [TestCase("runs.jsonl", "\"id\":\"", "\"id\":\"../", "because of its id")]
    [TestCase("runs.jsonl", "\"parameters\":{", "\"parameters\":null,\"x\":{", "because of its parameters")]
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
