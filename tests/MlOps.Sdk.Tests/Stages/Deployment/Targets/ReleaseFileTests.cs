using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>What leaves a workspace: one signature binds the package to its endpoint, its number and its moment.</summary>
[TestFixture]
public sealed class ReleaseFileTests
{
    private const string Name = "sample";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static readonly PackageSigner _before = PackageSigner.Create();
    private static TemporaryWorkspace _origin = null!;
    private static DesiredDeployment _first = null!;
    private static DesiredDeployment _second = null!;

    private static PackageTrust Trust => new(_signer.PublicKey);

    [OneTimeSetUp]
    public static async Task TrainAsync()
    {
        _origin = await TemporaryWorkspace.OpenAsync(options => options.Signer = _before);
        var (first, second) = await BlessedModels.CreateTwoAsync(_origin.Workspace);
        _first = await BlessedModels.DesiredAsync(_origin.Workspace, first);
        _second = await BlessedModels.DesiredAsync(_origin.Workspace, second);
    }

    [OneTimeTearDown]
    public static async Task DeleteAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
        _before.Dispose();
    }

    [Test]
    public void Write_Version_SaysWhatItIsAndIsSignedByTheSignerInUse()
    {
        var file = ReleaseFile.Write(_second, _signer);

        var release = ReleaseFile.Read(file, Name);
        Assert.That(Trust.Require(file), Is.EqualTo(_signer.KeyId), "whoever had signed the package before");
        Assert.That((release.Version, release.ContentHash), Is.EqualTo((2, _second.Model.Version.ContentHash)));
        Assert.That(release.PromotedAt, Is.EqualTo(_second.PromotedAt).And.GreaterThan(_first.PromotedAt!.Value));
        Assert.That(release.Gates, Is.EqualTo(_second.Model.Blessing.Gates));
        Assert.That((release.BlessedBy, release.BlessedAt), Is.EqualTo(("test", _second.Model.Blessing.IssuedAt)));
        Assert.That(release.Metrics, Is.EqualTo(_second.Model.Version.Metrics));
        Assert.That(PackageFile.ReadContentHash(file), Is.EqualTo(release.ContentHash), "the content hash stays");
        using var package = PackageFile.Read(file, _origin.Workspace.Readers);
        Assert.That(package.CheckGoldenRows(), Is.Null);
    }

    [Test]
    public void Write_ReleaseOfARelease_HasOneReleaseAndOneSignature()
    {
        var again = ReleaseFile.Write(
            _first with { Package = ReleaseFile.Write(_first, _before), PromotedAt = _second.PromotedAt }, _signer);

        Assert.That(ZipBytes.NamesOf(again).Count(name => name is "release.json" or "signature.json"), Is.EqualTo(2));
        Assert.That(Trust.Require(again), Is.EqualTo(_signer.KeyId));
        Assert.That(ReleaseFile.Read(again).PromotedAt, Is.EqualTo(_second.PromotedAt));
    }

    [Test]
    public void Write_NoSigner_IsNotSignedAtAll()
    {
        var file = ReleaseFile.Write(_first, signer: null);

        Assert.That(ReleaseFile.Read(file).Version, Is.EqualTo(1));
        Assert.That(() => Trust.Require(file), Throws.TypeOf<MlOpsException>().With.Message.Contains("is not signed"));
    }

    [Test]
    public void Write_WhatIsNotReleased_IsRejected()
    {
        Assert.That(
            () => ReleaseFile.Write(_first with { PromotedAt = null }, _signer),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("when it went live"));
        Assert.That(
            () => ReleaseFile.Write(_first with { Package = _second.Package }, _signer),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("not the one that was blessed"));
        Assert.That(
            () => ReleaseFile.Write(_first with { Package = ReadOnlyMemory<byte>.Empty }, _signer),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be read"));
    }

    [TestCase("release taken out", "does not fit its content")]
    [TestCase("release put into a package", "does not fit its content")]
    [TestCase("release of another version", "does not fit its content")]
    [TestCase("release of another time", "does not fit its content")]
    [TestCase("release of another endpoint", "does not fit its content")]
    [TestCase("package of another version", "does not fit its content")]
    [TestCase("signature of the package", "does not fit its content")]
    [TestCase("signature of another release", "does not fit its content")]
    [TestCase("signature taken out", "is not signed")]
    [TestCase("two releases", "'release.json' twice")]
    public void Require_Forged_IsRejected(string forgery, string says)
    {
        var first = ReleaseFile.Write(_first, _signer);
        var second = ReleaseFile.Write(_second, _signer);
        var otherTime = ReleaseFile.Write(_first with { PromotedAt = _second.PromotedAt!.Value.AddDays(1) }, _signer);
        using var complete = PackageFile.Read(_first.Package, _origin.Workspace.Readers);
        var package = PackageFile.Write(complete, _signer).Bytes;
        byte[] forged = forgery switch
        {
            "release taken out" => ZipBytes.Remove(first, "release.json"),
            "release put into a package" => ZipBytes.Add(package, "release.json", ZipBytes.EntryOf(first, "release.json")),
            "release of another version" => Take(first, "release.json", second),
            "release of another time" => Take(first, "release.json", otherTime),
            "release of another endpoint" => ZipBytes.Rewrite(first, "release.json", text => text.Replace("\"sample\"", "\"simple\"")),
            "package of another version" => Take(Take(first, "release.json", second), "signature.json", second),
            "signature of the package" => ZipBytes.Replace(first, "signature.json", ZipBytes.EntryOf(package, "signature.json")),
            "signature of another release" => Take(first, "signature.json", otherTime),
            "signature taken out" => ZipBytes.Remove(first, "signature.json"),
            _ => ZipBytes.Add(first, "release.json", ZipBytes.EntryOf(first, "release.json")),
        };

        Assert.That(() => Trust.Require(first), Throws.Nothing);
        Assert.That(() => Trust.Require(package), Throws.Nothing);
        Assert.That(() => Trust.Require(forged), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
    }

    // What somebody who is trusted may have signed, and still does not fit together.
    [TestCase("\"version\":1", "\"version\":0", "the version 0")]
    [TestCase("\"format\":1", "\"format\":2", "Update MlOps.Sdk")]
    [TestCase("\"format\":1", "\"format\":0", "format of its release is 0")]
    [TestCase("\"endpoint\":\"sample\"", "\"endpoint\":\"../sample\"", "no valid name")]
    [TestCase("\"outcome\":\"Passed\"", "\"outcome\":\"Failed\"", "not blessed")]
    [TestCase("\"blessedBy\":\"test\"", "\"blessedBy\":\"\"", "who blessed it")]
    [TestCase("\"blessedBy\":\"test\"", "\"blessedBy\":null", "cannot be read")]
    [TestCase("+00:00\"", "+02:00\"", "not in UTC")]
    [TestCase("\"contentHash\":\"", "\"contentHash\":\"0", "another package")]
    [TestCase("\"gates\":[", "\"gates\":[null,", "gate of its release is missing")]
    [TestCase("\"promotedAt\"", "\"promoted\"", "cannot be read")]
    public void Read_ReleaseThatDoesNotFit_IsRejected(string text, string instead, string says)
    {
        var file = ReleaseFile.Write(_first, signer: null);
        Assume.That(System.Text.Encoding.UTF8.GetString(ZipBytes.EntryOf(file, "release.json")), Does.Contain(text));

        var other = ZipBytes.Rewrite(file, "release.json", json => json.Replace(text, instead));

        Assert.That(() => ReleaseFile.Read(other), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
    }

    [Test]
    public void Read_WhatIsNoReleaseOfTheEndpoint_IsRejected()
    {
        var file = ReleaseFile.Write(_first, _signer);

        Assert.That(
            () => ReleaseFile.Read(file, "other"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("one of 'sample'").And.Message.Contains("given for 'other'"));
        Assert.That(
            () => ReleaseFile.Read(_first.Package), Throws.TypeOf<MlOpsException>().With.Message.Contains("not a release of one"));
        Assert.That(
            () => ReleaseFile.Read(new byte[] { 1, 2, 3 }), Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be read"));
    }

    [Test]
    public async Task PromotedAt_ClockThatIsSetBack_StillGrows()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.Time = time);
        var workspace = temporary.Workspace;
        await BlessedModels.CreateTwoAsync(workspace);
        var before = (await workspace.Promoted.ReadPromotedAsync(Name, default)).PromotedAt;
        time.AdjustTime(time.GetUtcNow().AddHours(-1));

        await workspace.Models.RollbackAsync(Name, "worse");

        var after = await workspace.Promoted.ReadPromotedAsync(Name, default);
        Assert.That(after.Model.Version.Version, Is.EqualTo(1));
        Assert.That(after.PromotedAt, Is.GreaterThan(before!.Value));
        Assert.That(
            after.PromotedAt, Is.EqualTo((await workspace.Models.AliasHistoryAsync(Name, ModelRegistry.Champion))[0].At));
    }

    private static byte[] Take(byte[] file, string entry, byte[] from) => ZipBytes.Replace(file, entry, ZipBytes.EntryOf(from, entry));
}
