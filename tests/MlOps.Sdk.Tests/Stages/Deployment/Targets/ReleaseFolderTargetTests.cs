using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>What lies in the folder, at every moment.</summary>
[TestFixture]
public sealed class ReleaseFolderTargetTests
{
    private const string Name = "sample";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static TemporaryWorkspace _origin = null!;
    private static DesiredDeployment _first = null!;
    private static DesiredDeployment _second = null!;

    private readonly TempFolder _folder = new();

    private string[] Files => [.. Directory.GetFiles(_folder[Name]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [OneTimeSetUp]
    public static async Task TrainAsync()
    {
        _origin = await TemporaryWorkspace.OpenAsync();
        var (first, second) = await BlessedModels.CreateTwoAsync(_origin.Workspace);
        _first = await BlessedModels.DesiredAsync(_origin.Workspace, first);
        _second = await BlessedModels.DesiredAsync(_origin.Workspace, second);
    }

    [OneTimeTearDown]
    public static async Task DeleteAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task RunAsync_NobodySigns_IsRejectedBeforeAnythingRuns()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        using var folder = new TempFolder();
        var lifecycle = SampleLifecycle.Begin().Deployed(deployment => deployment.ToProcess().ToFolder(folder.Path)).Build();

        Assert.That(
            async () => await lifecycle.RunAsync(temporary.Workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("nobody signs it").And.Message.Contains("WorkspaceOptions.Signer"));

        Assert.That(await temporary.Workspace.Runs.ListAsync(), Is.Empty);
        Assert.That(await temporary.Workspace.Models.ModelsAsync(), Is.Empty);
    }

    [Test]
    public async Task ApplyAsync_SeveralVersions_KeepsTheCurrentOneAndTheOneBefore()
    {
        var target = Create();
        var known = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            await target.ApplyAsync((i % 2 == 0 ? _first : _second) with { PromotedAt = At(i) });

            var current = ReleaseFolder.Find(_folder.Path, Name)!.ReadCurrent()!;
            known.Add(current.File);
            Assert.That((current.Version, current.PromotedAt), Is.EqualTo((i % 2 + 1, At(i))));
            Assert.That(Files, Has.Length.EqualTo(i == 0 ? 3 : 4), "the lock, current.json, and two releases");
            Assert.That(Files, Has.Member(current.File).And.Member("current.json"));
        }

        Assert.That(known, Has.Count.EqualTo(4), "under a name stands the same file for ever");
    }

    [Test]
    public async Task ApplyAsync_Again_WritesNothing()
    {
        var target = Create();
        await target.ApplyAsync(_first);
        var before = Snapshot();

        await Create().ApplyAsync(_first);

        Assert.That(Snapshot(), Is.EqualTo(before));
    }

    [Test]
    public async Task ApplyAsync_AnotherKey_IsObservedAndWrittenAnew()
    {
        await Create().ApplyAsync(_first);
        using var next = PackageSigner.Create();
        var target = Create(next);

        Assert.That((await target.ObserveAsync(Name)).Version, Is.Null);
        await target.ApplyAsync(_first);

        Assert.That((await target.ObserveAsync(Name)).Version, Is.EqualTo(1));
        var current = ReleaseFolder.Find(_folder.Path, Name)!.ReadCurrent()!;
        Assert.That(
            new PackageTrust(next.PublicKey).Require(File.ReadAllBytes(Path.Combine(_folder[Name], current.File))), Is.EqualTo(next.KeyId));
    }

    [Test]
    public async Task ApplyAsync_OlderThanWhatIsThere_IsRejected()
    {
        var target = Create();
        await target.ApplyAsync(_second);

        Assert.That(
            async () => await target.ApplyAsync(_first), Throws.TypeOf<MlOpsException>().With.Message.Contains("later than version 1"));
        Assert.That((await target.ObserveAsync(Name)).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task ApplyAsync_NobodySigns_SaysWhatToSet()
    {
        var target = new ReleaseFolderTarget(
            _folder.Path, new OutgoingReleases(signer: null, _origin.Workspace.Readers), TimeProvider.System);

        Assert.That(
            async () => await target.ApplyAsync(_first), Throws.TypeOf<MlOpsException>().With.Message.Contains("WorkspaceOptions.Signer"));
        Assert.That((await target.ObserveAsync(Name)).Version, Is.Null);
    }

    [TestCase("con")]
    [TestCase("com1.x")]
    [TestCase("ends.")]
    public void ApplyAsync_NameThatIsNoFolderOnWindows_IsRejected(string name) => Assert.That(
        async () => await Create().ApplyAsync(_first with { Endpoint = name }),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("name of a folder"));

    [TestCase("../other")]
    [TestCase("")]
    [TestCase("A")]
    [TestCase("a/b")]
    public async Task ObserveAsync_NameThatNoModelHas_IsNothing(string name) =>
        Assert.That(await Create().ObserveAsync(name), Is.EqualTo(new ObservedDeployment(name, null, null)));

    [Test]
    public async Task ApplyAsync_DoesNotGiveTheGoldenAnswersWhenItIsReadBack_LeavesTheOldLive()
    {
        await using var origin = await TemporaryWorkspace.OpenAsync(
            options => options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read));
        var workspace = origin.Workspace;
        await workspace.Models.ImportAsync("subscribers", Load(0.6), Declare);
        var first = await workspace.Promoted.ReadPromotedAsync("subscribers", default);
        var readers = workspace.Readers.Copy();
        var target = new ReleaseFolderTarget(_folder.Path, new OutgoingReleases(_signer, readers), TimeProvider.System);
        await target.ApplyAsync(first);
        readers.Add<IRowModel>(RateByPlanModel.Format, bytes => RateByPlanModel.Read(bytes, rate => rate / 2, isExact: true));
        var other = new ReleaseFolderTarget(_folder.Path, new OutgoingReleases(_signer, readers), TimeProvider.System);
        var next = first with { PromotedAt = first.PromotedAt!.Value.AddDays(1) };

        Assert.That(
            async () => await other.ApplyAsync(next), Throws.TypeOf<MlOpsException>().With.Message.Contains("same predictions"));

        var current = ReleaseFolder.Find(_folder.Path, "subscribers")!.ReadCurrent()!;
        Assert.That(current.PromotedAt, Is.EqualTo(first.PromotedAt));
        await target.ApplyAsync(next);
        Assert.That(Directory.GetFiles(_folder["subscribers"], "*.mlops"), Has.Length.EqualTo(2), "what was not taken is removed");
    }

    [Test]
    public async Task ApplyAsync_LeftoversOfAKilledProcess_AreRemoved()
    {
        Directory.CreateDirectory(_folder[Name]);
        _folder.Write($"{Name}/.0123456789abcdef0123456789abcdef.partial", "half");
        _folder.Write($"{Name}/7-0123456789abcdef.mlops", "never named");
        _folder.Write($"{Name}/notes.txt", "of somebody else");

        await Create().ApplyAsync(_first);

        Assert.That(Files, Has.Length.EqualTo(4).And.Member("notes.txt").And.No.Member("7-0123456789abcdef.mlops"));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{\"format\":2}")]
    [TestCase("file of another folder")]
    [TestCase("release of another endpoint")]
    public async Task ObserveAsync_CurrentJsonThatIsNotOurs_IsNothingAndIsRepaired(string content)
    {
        var target = Create();
        await target.ApplyAsync(_first);
        var path = Path.Combine(_folder[Name], "current.json");
        if (content == "file of another folder")
        {
            File.WriteAllText(path, File.ReadAllText(path).Replace("\"file\":\"", "\"file\":\"../"));
        }
        else if (content == "release of another endpoint")
        {
            await target.ApplyAsync(_second with { Endpoint = "other" });
            var file = Directory.GetFiles(_folder["other"], "*.mlops").Single();
            File.Copy(file, Path.Combine(_folder[Name], Path.GetFileName(file)));
            File.Copy(Path.Combine(_folder["other"], "current.json"), path, overwrite: true);
        }
        else
        {
            File.WriteAllText(path, content);
        }

        Assert.That((await target.ObserveAsync(Name)).Version, Is.Null);
        await target.ApplyAsync(_first);
        Assert.That((await target.ObserveAsync(Name)).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_SeveralProcessesAtOnce_EndWithTheNewest()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            try
            {
                await Create().ApplyAsync((i % 2 == 0 ? _first : _second) with { PromotedAt = At(i) });
                return i;
            }
            catch (MlOpsException e) when (e.Message.Contains("later than version", StringComparison.Ordinal))
            {
                return -1;
            }
        })));

        var current = ReleaseFolder.Find(_folder.Path, Name)!.ReadCurrent()!;
        Assert.That(current.PromotedAt, Is.EqualTo(At(11)));
        Assert.That(applied[11], Is.EqualTo(11));
        Assert.That(Directory.GetFiles(_folder[Name], "*.mlops"), Has.Length.LessThanOrEqualTo(2));
        Assert.That(Directory.GetFiles(_folder[Name], "*.partial"), Is.Empty);
    }

    [Test]
    public async Task ApplyAsync_ProcessIsKilledAtAnyMoment_LeavesTheOldReleaseOrTheNewOneAndIsRepaired()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var signer = PackageSigner.FromPem(key.ExportECPrivateKeyPem());
        var pem = _folder.Write("key.pem", key.ExportECPrivateKeyPem());
        var (releases, random, done, halves) = (_folder["releases"], new Random(7), -1L, 0);
        var target = new ReleaseFolderTarget(releases, new OutgoingReleases(signer, _origin.Workspace.Readers), TimeProvider.System);
        for (var kill = 0; kill < LongForm.Of(100, 5); kill++)
        {
            using var process = Storage.HostProcess.Start(
                "release-into-folder", _origin.Path, releases, pem, $"{done + 1}");
            done = long.Parse(await process.ReadLineAsync(), System.Globalization.CultureInfo.InvariantCulture);
            for (var wait = random.Next(20_000); wait > 0; wait--) Thread.SpinWait(random.Next(200));
            if (await process.KillAsync() is [.., var last]) done = long.Parse(last, System.Globalization.CultureInfo.InvariantCulture);

            var folder = ReleaseFolder.Find(releases, Name)!;
            var current = folder.ReadCurrent()!;
            var file = await folder.ReadAsync(current, default);
            Assert.That(file, Is.Not.Null, "what current.json names is whole");
            var release = ReleaseFile.Read(file, Name);
            var number = (long)(release.PromotedAt - DateTimeOffset.UnixEpoch).TotalSeconds;
            Assert.That(number, Is.EqualTo(done).Or.EqualTo(done + 1), "the old one or the new one");
            Assert.That((await target.ObserveAsync(Name)).Version, Is.EqualTo(1 + number % 2));
            halves += Directory.GetFiles(Path.Combine(releases, Name), "*.partial").Length;
            done = number;
        }

        await target.ApplyAsync(_first with { PromotedAt = DateTimeOffset.UnixEpoch.AddSeconds(done + 1) });
        Assert.That(Directory.GetFiles(Path.Combine(releases, Name), "*.partial"), Is.Empty);
        Assert.That(Directory.GetFiles(Path.Combine(releases, Name), "*.mlops"), Has.Length.LessThanOrEqualTo(2));
        TestContext.Out.WriteLine($"{halves} files were half when their process was killed; {done + 1} releases.");
    }

    private static DateTimeOffset At(int i) => _second.PromotedAt!.Value.AddSeconds(i + 1);

    private static Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> Load(double monthly) =>
        (_, _) => ValueTask.FromResult<IRowModel>(new RateByPlanModel(
            new Field("plan", ColumnType.Text), new() { ["monthly"] = monthly, ["yearly"] = 0.2 }, 0.5));

    private static void Declare(ModelImport import) => import
        .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge"));

    private ReleaseFolderTarget Create(PackageSigner? signer = null) =>
        new(_folder.Path, new OutgoingReleases(signer ?? _signer, _origin.Workspace.Readers), TimeProvider.System);

    private string[] Snapshot() =>
        [.. Files.Select(name => $"{name} {File.GetLastWriteTimeUtc(Path.Combine(_folder[Name], name)):O}")];
}
