using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>The other end: what is taken up, what is rejected, and that the version before stays live.</summary>
[TestFixture]
public sealed class ReleaseReceiverTests
{
    private const string Name = "sample";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static TemporaryWorkspace _origin = null!;
    private static DesiredDeployment _first = null!;
    private static DesiredDeployment _second = null!;

    private TemporaryWorkspace _temporary = null!;

    private Workspace Workspace => _temporary.Workspace;

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

    [SetUp]
    public async Task OpenAsync() => _temporary = await TemporaryWorkspace.OpenAsync(
        options => options.Trust = new PackageTrust(_signer.PublicKey));

    [TearDown]
    public async Task CloseAsync() => await _temporary.DisposeAsync();

    [Test]
    public async Task ReceiveAsync_Release_IsRegisteredAndLiveUnderItsNumberWithItsGates()
    {
        var received = await Workspace.ReceiveAsync(FileOf(_second));

        Assert.That(received, Is.EqualTo(new ReceivedRelease
        {
            Model = Name,
            Version = 2,
            ContentHash = _second.Model.Version.ContentHash,
            PromotedAt = _second.PromotedAt!.Value,
            KeyId = _signer.KeyId,
            IsNew = true,
            LiveVersion = 2,
        }));
        Assert.That(Workspace.Endpoint(Name).Version, Is.EqualTo(2));
        var there = _origin.Workspace.Endpoint(Name).Predict(Row).Value.Score;
        Assert.That(Workspace.Endpoint(Name).Predict(Row).Value.Score, Is.EqualTo(there));
        var version = await Workspace.Models.GetAsync(Name, 2);
        Assert.That(version.Metrics, Is.EqualTo(_second.Model.Version.Metrics));
        var gates = (await Workspace.Models.GetBlessedAsync(Name, 2)).Blessing.Gates;
        Assert.That(gates.Take(_second.Model.Blessing.Gates.Count), Is.EqualTo(_second.Model.Blessing.Gates));
        Assert.That(gates.Single(gate => gate.Name == "release of a trusted key").Observed, Is.EqualTo($"key {_signer.KeyId}"));
        var entries = await EntriesAsync();
        Assert.That(
            entries.Select(entry => entry.Action),
            Is.EqualTo(new[] { "model.registered", "model.blessed", "model.received", "model.promoted" }));
        Assert.That(entries[2].Details, Does.Contain(_signer.KeyId));
        Assert.That((await Workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task ReceiveAsync_SameReleaseAgain_ChangesNothing()
    {
        await Workspace.ReceiveAsync(FileOf(_first));
        var entries = (await EntriesAsync()).Count;

        var again = await Workspace.ReceiveAsync(FileOf(_first));
        await _temporary.ReopenAsync();
        var afterwards = await Workspace.ReceiveAsync(FileOf(_first));

        Assert.That((again.IsNew, again.LiveVersion, afterwards.IsNew), Is.EqualTo((false, 1, false)));
        Assert.That(Workspace.Endpoint(Name).Version, Is.EqualTo(1), "a process that was just started serves it");
        Assert.That((await EntriesAsync()).Count, Is.EqualTo(entries));
    }

    [Test]
    public async Task ReceiveAsync_OldRelease_IsRejectedAlsoAfterARollbackOfTheOrigin()
    {
        await Workspace.ReceiveAsync(FileOf(_first));
        var second = FileOf(_second);
        await Workspace.ReceiveAsync(second);
        Assert.That(
            async () => await Workspace.ReceiveAsync(FileOf(_first)), IsOld);
        var rolledBack = _first with { PromotedAt = _second.PromotedAt!.Value.AddTicks(1) };

        var received = await Workspace.ReceiveAsync(FileOf(rolledBack));

        Assert.That((received.IsNew, received.LiveVersion, Workspace.Endpoint(Name).Version), Is.EqualTo((true, 1, 1)));
        Assert.That(async () => await Workspace.ReceiveAsync(second), IsOld);
        await _temporary.ReopenAsync();
        Assert.That(async () => await Workspace.ReceiveAsync(second), IsOld);
        Assert.That(await Workspace.ServeAsync(Name), Is.EqualTo(1));
        Assert.That((await Workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task ReceiveAsync_AfterARollbackHere_TheDecisionStandsUntilTheNextRelease()
    {
        await Workspace.ReceiveAsync(FileOf(_first));
        await Workspace.ReceiveAsync(FileOf(_second));
        await Workspace.Models.RollbackAsync(Name, "it is worse here");

        var again = await Workspace.ReceiveAsync(FileOf(_second));
        Assert.That((again.IsNew, again.LiveVersion, Workspace.Endpoint(Name).Version), Is.EqualTo((false, 1, 1)));

        var live = await Workspace.ReceiveAsync(FileOf(_first with { PromotedAt = _second.PromotedAt!.Value.AddTicks(1) }));
        Assert.That((live.IsNew, live.LiveVersion), Is.EqualTo((true, 1)), "it was live already, and is noted");
        Assert.That(
            async () => await Workspace.ReceiveAsync(FileOf(_second)), IsOld);

        await Workspace.ReceiveAsync(FileOf(_second with { PromotedAt = _second.PromotedAt!.Value.AddTicks(2) }));
        Assert.That(Workspace.Endpoint(Name).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task ReceiveAsync_NewWorkspaceWithAFloor_RejectsAReplayedReleaseAndSaysHowToChangeIt()
    {
        await using var fresh = await TemporaryWorkspace.OpenAsync(options =>
        {
            options.Trust = new PackageTrust(_signer.PublicKey);
            options.ReleasesNotBefore = new DateTimeOffset(2026, 3, 1, 1, 0, 0, TimeSpan.FromHours(1));
        });
        var floor = fresh.Workspace.Options.ReleasesNotBefore!.Value;

        Assert.That(
            async () => await fresh.Workspace.ReceiveAsync(FileOf(_second with { PromotedAt = floor.AddTicks(-1) })),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("version 2 of 'sample' went live on 2026-02-28T23:59:59.9999999Z")
                .And.Message.Contains("nothing from before 2026-03-01T00:00:00Z").And.Message.Contains("ReleasesNotBefore"));
        Assert.That(await fresh.Workspace.Models.ModelsAsync(), Is.Empty);

        Assert.That((await fresh.Workspace.ReceiveAsync(FileOf(_second with { PromotedAt = floor }))).IsNew, Is.True);
    }

    [Test]
    public async Task ReceiveAsync_FloorThatWasRaised_LeavesWhatIsLiveAndRejectsItsRelease()
    {
        await Workspace.ReceiveAsync(FileOf(_first));
        await using var strict = await Workspace.OpenAsync(_temporary.Path, options =>
            (options.Trust, options.ReleasesNotBefore) = (new PackageTrust(_signer.PublicKey), _first.PromotedAt!.Value.AddTicks(1)));

        Assert.That(await strict.ServeAsync(Name), Is.EqualTo(1));
        Assert.That(
            async () => await strict.ReceiveAsync(FileOf(_first)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("nothing from before"));
    }

    [Test]
    public void OpenAsync_FloorThatNoReleaseReaches_IsRejected()
    {
        var path = Path.Combine(_temporary.Path, "never");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 2, 0, 0, 0, TimeSpan.Zero));

        Assert.That(
            async () => await Workspace.OpenAsync(path, options =>
            {
                options.Time = time;
                options.ReleasesNotBefore = time.GetUtcNow().AddDays(2);
            }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("ReleasesNotBefore"));
        Assert.That(
            async () => await Workspace.OpenAsync(path, options => options.ReleasesNotBefore = DateTimeOffset.MaxValue),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("9999-12-31"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ReceiveAsync_ReleaseOfTheNextKey_LetsTheOneBeforeBeDropped(bool isSameRelease)
    {
        using var next = PackageSigner.Create();
        await using var both = await Workspace.OpenAsync(
            _temporary.Path, options => options.Trust = new PackageTrust(_signer.PublicKey, next.PublicKey));
        await both.ReceiveAsync(FileOf(_first));
        var release = isSameRelease ? _first : _first with { PromotedAt = _second.PromotedAt };

        var again = await both.ReceiveAsync(ReleaseFile.Write(release, next));

        Assert.That((again.IsNew, again.KeyId), Is.EqualTo((!isSameRelease, next.KeyId)));
        await using var strict = await Workspace.OpenAsync(
            _temporary.Path, options => options.Trust = new PackageTrust(next.PublicKey));
        Assert.That(await strict.ServeAsync(Name), Is.EqualTo(1));
        Assert.That((await strict.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [TestCase("not signed", "is not signed")]
    [TestCase("signed by a stranger", "not trusted here")]
    [TestCase("changed", "does not fit its content")]
    [TestCase("package that is no release", "not a release of one")]
    [TestCase("half of it", "cannot be read")]
    [TestCase("nothing", "cannot be read")]
    public async Task ReceiveAsync_ReleaseThatIsNotTrusted_IsRejectedAndTheOldStaysLive(string what, string says)
    {
        await Workspace.ReceiveAsync(FileOf(_first));
        var entries = (await EntriesAsync()).Count;
        using var stranger = PackageSigner.Create();
        var file = what switch
        {
            "not signed" => ReleaseFile.Write(_second, signer: null),
            "signed by a stranger" => ReleaseFile.Write(_second, stranger),
            "changed" => ZipBytes.Rewrite(FileOf(_second), "release.json", text => text.Replace("\"version\":2", "\"version\":3")),
            "package that is no release" => PackageSeal.SignAgain(_second.Package, _signer),
            "half of it" => FileOf(_second)[..^5_000],
            _ => [],
        };

        Assert.That(
            async () => await Workspace.ReceiveAsync(file),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(says).And.Property(nameof(MlOpsException.Remedy)).Not.Empty);
        Assert.That(Workspace.Endpoint(Name).Version, Is.EqualTo(1));
        Assert.That((await EntriesAsync()).Count, Is.EqualTo(entries));
    }

    [Test]
    public async Task ReceiveAsync_WorkspaceWithoutTrust_SaysWhatToSet()
    {
        await using var open = await TemporaryWorkspace.OpenAsync();

        Assert.That(
            async () => await open.Workspace.ReceiveAsync(FileOf(_first)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("whose signatures it trusts")
                .And.Message.Contains("WorkspaceOptions.Trust"));
    }

    [Test]
    public async Task ReceiveAsync_NumberOfAnotherModel_IsRejected()
    {
        using var signer = PackageSigner.Create();
        await using var own = await TemporaryWorkspace.OpenAsync(options =>
            (options.Signer, options.Trust) = (signer, new PackageTrust(signer.PublicKey, _signer.PublicKey)));
        await BlessedModels.CreateAsync(own.Workspace, trainer: Trainers.LogisticRegression());

        Assert.That(
            async () => await own.Workspace.ReceiveAsync(FileOf(_first)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Version 1 of 'sample' is another model")
                .And.Message.Contains("a new folder as its workspace"));
        Assert.That((await own.Workspace.Models.ListAsync(Name)).Count, Is.EqualTo(1));
    }

    [Test]
    public async Task ReceiveAsync_ActorWhoMayNotPromote_IsRejected()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options =>
            (options.Trust, options.Actors) = (new PackageTrust(_signer.PublicKey), new Nobody()));

        Assert.That(async () => await temporary.Workspace.ReceiveAsync(FileOf(_first)), Throws.TypeOf<NotAllowedException>());
        Assert.That(await temporary.Workspace.Models.ModelsAsync(), Is.Empty);
    }

    [TestCase(true, "does not give the same predictions")]
    [TestCase(false, "acme.rate-by-plan/1")]
    public async Task ReceiveAsync_ModelThatDoesNotWorkHere_IsRejectedBeforeItIsRegistered(bool hasReader, string says)
    {
        await using var origin = await TemporaryWorkspace.OpenAsync(
            options => options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read));
        await origin.Workspace.Models.ImportAsync(
            "subscribers",
            (_, _) => ValueTask.FromResult<IRowModel>(new RateByPlanModel(
                new Field("plan", ColumnType.Text), new() { ["monthly"] = 0.8, ["yearly"] = 0.2 }, 0.5)),
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge")));
        var desired = await origin.Workspace.Promoted.ReadPromotedAsync("subscribers", default);
        await using var other = await TemporaryWorkspace.OpenAsync(options =>
        {
            options.Trust = new PackageTrust(_signer.PublicKey);
            if (hasReader)
            {
                options.Readers.Add<IRowModel>(RateByPlanModel.Format, _ => new RateByPlanModel(
                    new Field("plan", ColumnType.Text), new() { ["monthly"] = 0.7, ["yearly"] = 0.2 }, 0.5));
            }
        });

        Assert.That(
            async () => await other.Workspace.ReceiveAsync(FileOf(desired)), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
        Assert.That(await other.Workspace.Models.ModelsAsync(), Is.Empty);
        Assert.That(other.Workspace.FindSlot("subscribers")?.Current, Is.Null);
    }

    [Test]
    public async Task ReceiveAsync_DiskIsFull_LeavesTheOldLiveAndIsRepeated()
    {
        var files = new FullDisk(new FileArtifactStore(Path.Combine(_temporary.Path, "files"), TimeProvider.System, NullLogger.Instance));
        await using var temporary = await TemporaryWorkspace.OpenAsync(options =>
            (options.Trust, options.Artifacts) = (new PackageTrust(_signer.PublicKey), files));
        var workspace = temporary.Workspace;
        await workspace.ReceiveAsync(FileOf(_first));

        files.IsFull = true;
        Assert.That(async () => await workspace.ReceiveAsync(FileOf(_second)), Throws.InstanceOf<IOException>());
        Assert.That((workspace.Endpoint(Name).Version, (await workspace.Models.ListAsync(Name)).Count), Is.EqualTo((1, 1)));

        files.IsFull = false;
        Assert.That((await workspace.ReceiveAsync(FileOf(_second))).IsNew, Is.True);
        Assert.That(workspace.Endpoint(Name).Version, Is.EqualTo(2));
        Assert.That((await workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task ReceiveAsync_ApplicationThatCannotCallIt_KeepsItOut()
    {
        await Workspace.Hosts.PutAsync(
            "another host",
            [(Name, "IEndpoint<Row, Answer>", EndpointContract.Of<Stranger, bool>().ToJson())],
            DateTimeOffset.UtcNow.AddDays(1),
            default);

        Assert.That(
            async () => await Workspace.ReceiveAsync(FileOf(_first)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot call it").And.Message.Contains("another host"));
        Assert.That(await Workspace.Models.ModelsAsync(), Is.Empty);
    }

    [Test]
    public async Task ReceiveAsync_SeveralHostsOfOneWorkspace_EndWithTheNewestAndAnIntactLog()
    {
        await using var other = await Workspace.OpenAsync(
            _temporary.Path, options => options.Trust = new PackageTrust(_signer.PublicKey));
        DesiredDeployment[] releases =
        [
            .. Enumerable.Range(0, 6).Select(
                i => (i % 2 == 0 ? _first : _second) with { PromotedAt = _second.PromotedAt!.Value.AddTicks(i) }),
        ];
        var outcomes = await Task.WhenAll(releases.SelectMany(release => new[] { Workspace, other }.Select(async workspace =>
        {
            await Task.Yield();
            try
            {
                return (await workspace.ReceiveAsync(FileOf(release))).IsNew ? "taken up" : "again";
            }
            catch (MlOpsException e) when (e.Problem.Contains("is an old release", StringComparison.Ordinal))
            {
                return "old";
            }
        })));

        var live = await Workspace.Models.FindByAliasAsync(Name, ModelRegistry.Champion);
        Assert.That(live!.Version, Is.EqualTo(2), "the last one that was made live at the origin");
        var marks = (await EntriesAsync()).Where(entry => entry.Action == "model.received").ToArray();
        Assert.That(outcomes.Count(outcome => outcome == "taken up"), Is.EqualTo(marks.Length));
        Assert.That((await Workspace.Audit.VerifyAsync()).IsIntact, Is.True);
        Assert.That(await Workspace.ServeAsync(Name), Is.EqualTo(2));
        Assert.That(await other.ServeAsync(Name), Is.EqualTo(2));
    }

    private static Dictionary<string, object?> Row => new()
    {
        ["plan"] = "basic",
        ["amount"] = 1.5,
        ["visits"] = 3L,
        ["member"] = true,
        ["since"] = new DateTime(2024, 3, 1, 0, 0, 0, DateTimeKind.Utc),
    };

    private async Task<List<AuditEntry>> EntriesAsync()
    {
        var entries = new List<AuditEntry>();
        await foreach (var entry in Workspace.Audit.ReadAsync()) entries.Add(entry);
        return entries;
    }

    private static NUnit.Framework.Constraints.IResolveConstraint IsOld =>
        Throws.TypeOf<MlOpsException>().With.Message.Contains("is an old release");

    private static byte[] FileOf(DesiredDeployment desired) => ReleaseFile.Write(desired, _signer);

    private sealed record Stranger(string NoSuchColumn);

    private sealed class FullDisk(IArtifactStore store) : IArtifactStore
    {
        public bool IsFull { get; set; }

        public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
            IsFull ? throw new IOException("No space left on device", 28) : store.PutAsync(content, cancellationToken);

        public Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            IsFull ? throw new IOException("No space left on device", 28) : store.PutAsync(content, cancellationToken);

        public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.OpenAsync(id, cancellationToken);

        public Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.ReadAllAsync(id, cancellationToken);

        public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.FindAsync(id, cancellationToken);

        public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default) =>
            store.DeleteAsync(id, cancellationToken);

        public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken = default) =>
            store.ListAsync(cancellationToken);
    }

    private sealed class Nobody : IActorProvider
    {
        public string Actor => "ann";

        public bool May(ReleaseAction action, string model) => false;
    }
}
