using System.Security.Cryptography;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packaging;

/// <summary>What is signed, who is trusted, and that nothing else is loaded.</summary>
[TestFixture]
public sealed class PackageSignatureTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TempFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("nistP256", "ES256")]
    [TestCase("nistP384", "ES384")]
    [TestCase("nistP521", "ES512")]
    public async Task Require_SignedByATrustedKey_NamesTheKey(string curve, string algorithm)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        using var signer = PackageSigner.FromPem(key.ExportECPrivateKeyPem());
        var package = await TrainAsync(signer);

        var id = new PackageTrust(signer.PublicKey, PackageSigner.Create().PublicKey).Require(package);

        var spki = key.ExportSubjectPublicKeyInfo();
        Assert.That(id, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(spki))[..32]));
        Assert.That(PackageSeal.ReadSignature(package).Signature!.Algorithm, Is.EqualTo(algorithm));
    }

    [Test]
    public async Task Require_AnyByteThatIsChanged_IsRejectedOrIsTheSamePackage()
    {
        using var signer = PackageSigner.Create();
        var trust = new PackageTrust(signer.PublicKey);
        var package = await TrainAsync(signer);
        var hash = PackageFile.ReadContentHash(package);
        var random = new Random(5);
        var rejected = 0;
        for (var i = 0; i < LongForm.Of(5_000, 300); i++)
        {
            var changed = package.ToArray();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                trust.Require(changed);
                Assert.That(PackageFile.ReadContentHash(changed), Is.EqualTo(hash), "what was signed is what is read");
            }
            catch (MlOpsException)
            {
                rejected++;
            }
        }

        Assert.That(rejected, Is.GreaterThan(100));
    }

    [TestCase("no signature", "is not signed")]
    [TestCase("another key", "which is not trusted here")]
    [TestCase("signature of another package", "does not fit its content")]
    [TestCase("other algorithm", "does not fit its content")]
    [TestCase("two signatures", "'signature.json' twice")]
    [TestCase("empty signature", "does not fit its content")]
    [TestCase("changed manifest", "does not fit its content")]
    public async Task Require_Forged_IsRejectedBeforeAnythingIsLoaded(string forgery, string says)
    {
        using var signer = PackageSigner.Create();
        using var stranger = PackageSigner.Create();
        var trust = new PackageTrust(signer.PublicKey);
        var package = forgery switch
        {
            "no signature" => await TrainAsync(null),
            "another key" => await TrainAsync(stranger),
            "signature of another package" => ZipBytes.Replace(
                await TrainAsync(signer, seed: 1), "signature.json", ZipBytes.EntryOf(await TrainAsync(signer, seed: 2), "signature.json")),
            "other algorithm" => ZipBytes.Rewrite(await TrainAsync(signer), "signature.json", text => text.Replace("ES256", "none")),
            "two signatures" => ZipBytes.Add(await TrainAsync(signer), "signature.json", "{}"u8.ToArray()),
            "empty signature" => ZipBytes.Rewrite(
                await TrainAsync(signer), "signature.json", _ => $$"""{"keyId":"{{signer.KeyId}}","algorithm":"ES256","value":""}"""),
            _ => ZipBytes.Rewrite(await TrainAsync(signer), "manifest.json", text => text.Replace(SampleLifecycle.Name, "subscriberz")),
        };
        var loads = 0;
        var readers = new MlOps.Sdk.Plugins.FormatReaders { Verify = bytes => trust.Require(bytes) };
        readers.Add<IModel>("mlops.linear", _ =>
        {
            loads++;
            throw new InvalidOperationException();
        });

        Assert.That(() => trust.Require(package), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
        Assert.That(() => PackageFile.Read(package, readers), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
        Assert.That(loads, Is.Zero);
    }

    [Test]
    public async Task Workspace_RequiresSignatures_TrainsServesAndScoresOnlySigned()
    {
        using var signer = PackageSigner.Create();
        using var stranger = PackageSigner.Create();
        await RunAsync(null);
        Action<WorkspaceOptions> strict = options => (options.Signer, options.Trust) = (signer, new PackageTrust(signer.PublicKey));

        await using (var workspace = await OpenAsync(strict))
        {
            Assert.That(
                async () => await workspace.ServeAsync(SampleLifecycle.Name),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("is not signed"));
            Assert.That(
                async () => await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1)),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("is not signed"));
        }

        var signed = await RunAsync(strict);
        await using (var workspace = await OpenAsync(strict))
        {
            Assert.That(signed.Deployment!.IsDeployed, Is.True, signed.Deployment.Reason);
            Assert.That(await workspace.ServeAsync(SampleLifecycle.Name), Is.EqualTo(signed.Deployment.Version));
        }

        await using (var workspace = await OpenAsync(options => options.Trust = new PackageTrust(stranger.PublicKey)))
        {
            Assert.That(
                async () => await workspace.ServeAsync(SampleLifecycle.Name),
                Throws.TypeOf<MlOpsException>().With.Message.Contains(signer.KeyId).And.Message.Contains("not trusted"));
        }

        await using (var workspace = await OpenAsync(null))
        {
            Assert.That(await workspace.ServeAsync(SampleLifecycle.Name), Is.EqualTo(signed.Deployment!.Version), "whoever asks for none");
        }
    }

    [Test]
    public async Task Version_ThatWasKeptBackUnsigned_IsSignedBeforeItGoesLive()
    {
        using var signer = PackageSigner.Create();
        var actor = new Actor();
        await RunAsync(options => options.Actors = actor);
        actor.MayPromote = true;
        Action<WorkspaceOptions> strict = options =>
            (options.Actors, options.Signer, options.Trust) = (actor, signer, new PackageTrust(signer.PublicKey));

        var run = await RunAsync(strict);

        await using var other = await OpenAsync(strict);
        Assert.That((run.Deployment!.Version, run.Deployment.IsDeployed), Is.EqualTo((1, true)), run.Deployment.Reason);
        Assert.That(await other.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
    }

    [Test]
    public async Task Key_ThatIsReplaced_CanBeDroppedAfterTheNextRun()
    {
        using var first = PackageSigner.Create();
        using var second = PackageSigner.Create();
        await RunAsync(options => options.Signer = first);
        Action<WorkspaceOptions> both = options =>
            (options.Signer, options.Trust) = (second, new PackageTrust(first.PublicKey, second.PublicKey));

        var run = await RunAsync(both);

        Assert.That((run.Deployment!.Version, await SignerOfLiveAsync()), Is.EqualTo((1, second.KeyId)));
        await using (var strict = await OpenAsync(options => options.Trust = new PackageTrust(second.PublicKey)))
        {
            Assert.That(await strict.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
            Assert.That((await strict.Audit.VerifyAsync()).IsIntact, Is.True);
        }

        await RunAsync(options => options.Signer = first);
        Assert.That(await SignerOfLiveAsync(), Is.EqualTo(first.KeyId), "what a run with this key had done is not taken for done");
        var (runs, looks) = await CountAsync();
        await RunAsync(options => options.Signer = first);
        await RunAsync(options => options.Signer = first);
        Assert.That(await CountAsync(), Is.EqualTo((runs + 2, looks)), "and then nothing is left to do");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task LiveVersion_OfAnotherKeyThatStaysLive_IsSignedAgainOnlyIfItIsTrusted(bool isTrusted)
    {
        using var first = PackageSigner.Create();
        using var second = PackageSigner.Create();
        await RunAsync(options => options.Signer = first);
        PackageTrust trust = isTrusted ? new(first.PublicKey, second.PublicKey) : new(second.PublicKey);
        await using (var workspace = await OpenAsync(options => (options.Signer, options.Trust) = (second, trust)))
        {
            var run = await SampleLifecycle
                .Begin(Subscriber.Draw(400, 1), training => training.Try(Trainers.Baseline()).CrossValidate(2))
                .Deployed().Build().RunAsync(workspace);
            Assert.That(run.Deployment!.IsDeployed, Is.False, "no model that is worse goes live");
        }

        Assert.That(await SignerOfLiveAsync(), Is.EqualTo(isTrusted ? second.KeyId : first.KeyId));
    }

    private async Task<string?> SignerOfLiveAsync()
    {
        await using var workspace = await OpenAsync(null);
        var live = await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, MlOps.Sdk.Registry.ModelRegistry.Champion);
        return PackageSeal.ReadSignature(await workspace.Artifacts.ReadAllAsync(live!.PackageId)).Signature?.KeyId;
    }

    private async Task<(int Runs, int Looks)> CountAsync()
    {
        await using var workspace = await OpenAsync(null);
        return (
            (await workspace.Runs.ListAsync(SampleLifecycle.Name)).Count,
            (await workspace.Holdout.ListAsync(SampleLifecycle.Name)).Count);
    }

    private sealed class Actor : MlOps.Sdk.Registry.IActorProvider
    {
        public bool MayPromote { get; set; }

        string MlOps.Sdk.Registry.IActorProvider.Actor => "ann";

        public bool May(MlOps.Sdk.Registry.ReleaseAction action, string model) => MayPromote;
    }

    [Test]
    public async Task Workspaces_OfTheSameOptions_VerifyEachForItself()
    {
        await RunAsync(null);
        using var signer = PackageSigner.Create();
        var options = new WorkspaceOptions { Path = _folder["workspace"], Trust = new PackageTrust(signer.PublicKey) };
        await using var strict = await Workspace.OpenAsync(options);
        (options.Path, options.Trust) = (_folder["other"], null);
        await using var other = await Workspace.OpenAsync(options);

        Assert.That(
            async () => await strict.ServeAsync(SampleLifecycle.Name),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("is not signed"));
    }

    [TestCase("")]
    [TestCase("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [TestCase("nonsense")]
    public void Keys_ThatAreNone_AreRejectedWithoutBeingShown(string pem)
    {
        Assert.That(() => new PackageTrust(pem), Throws.ArgumentException);
        Assert.That(() => PackageSigner.FromPem(pem), Throws.ArgumentException);
    }

    [Test]
    public void Keys_OfTheWrongKind_AreRejectedWithoutBeingShown()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        using var other = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        var secret = key.ExportPkcs8PrivateKeyPem();

        Assert.That(() => new PackageTrust(secret), Throws.ArgumentException.With.Message.Not.Contains(secret.Split('\n')[1]));
        Assert.That(() => new PackageTrust(), Throws.ArgumentException);
        Assert.That(() => new PackageTrust(rsa.ExportSubjectPublicKeyInfoPem()), Throws.ArgumentException);
        Assert.That(
            () => PackageSigner.FromPem(key.ExportSubjectPublicKeyInfoPem()), Throws.ArgumentException, "a public key signs nothing");
        Assert.That(() => PackageSigner.FromPem(other.ExportPkcs8PrivateKeyPem()), Throws.ArgumentException);
        Assert.That(() => new PackageSigner(other), Throws.ArgumentException.With.Message.Contains("another curve"));
        Assert.That(() => new PackageTrust(other.ExportSubjectPublicKeyInfoPem()), Throws.ArgumentException);
        using var half = ECDsa.Create(key.ExportParameters(includePrivateParameters: false));
        Assert.That(() => new PackageSigner(half), Throws.ArgumentException.With.Message.Contains("cannot sign"));
        Assert.That(
            () => PackageSigner.FromEnvironment("MLOPS_NO_SUCH_KEY"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("MLOPS_NO_SUCH_KEY"));
    }

    private async Task<byte[]> TrainAsync(PackageSigner? signer, int seed = 1)
    {
        await using var workspace = await Workspace.OpenAsync(_folder[$"w{Guid.NewGuid():N}"], options => options.Signer = signer);
        await SampleLifecycle.Begin(Subscriber.Draw(400, seed)).Deployed().Build().RunAsync(workspace);
        return await workspace.Artifacts.ReadAllAsync((await workspace.Models.GetAsync(SampleLifecycle.Name, 1)).PackageId);
    }

    private async Task<LifecycleRun> RunAsync(Action<WorkspaceOptions>? configure)
    {
        await using var workspace = await OpenAsync(configure);
        return await SampleLifecycle.Begin(Subscriber.Draw(400, 1))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable())
            .Build().RunAsync(workspace);
    }

    private Task<Workspace> OpenAsync(Action<WorkspaceOptions>? configure) =>
        Workspace.OpenAsync(_folder["workspace"], configure ?? (_ => { }));
}
