using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

/// <summary>What somebody sends who wants the receiver to fail, to run out of memory, or to believe him.</summary>
[TestFixture]
public sealed class HostileReleaseTests
{
    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static TemporaryWorkspace _origin = null!;
    private static DesiredDeployment _desired = null!;

    private static PackageTrust Trust => new(_signer.PublicKey);

    [OneTimeSetUp]
    public static async Task TrainAsync()
    {
        _origin = await TemporaryWorkspace.OpenAsync();
        _desired = await BlessedModels.DesiredAsync(_origin.Workspace, await BlessedModels.CreateAsync(_origin.Workspace));
    }

    [OneTimeTearDown]
    public static async Task DeleteAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
    }

    [TestCase("signature cut", "does not fit its content")]
    [TestCase("signature.json cut", "cannot be read")]
    [TestCase("signature.json too long", "longer than")]
    [TestCase("two signatures", "'signature.json' twice")]
    [TestCase("key named twice", "cannot be read")]
    [TestCase("key of another curve", "does not fit its content")]
    [TestCase("manifest too long", "longer than")]
    [TestCase("two manifests", "two manifests")]
    [TestCase("release too long", "longer than")]
    [TestCase("no zip directory", "cannot be read")]
    public void Require_Hostile_IsRejected(string what, string says)
    {
        var file = ReleaseFile.Write(_desired, _signer);
        byte[] hostile = what switch
        {
            "signature cut" => ZipBytes.Rewrite(
                file, "signature.json", text => Signed(text, Convert.FromBase64String(ValueOf(text))[..^1])),
            "signature.json cut" => ZipBytes.Rewrite(file, "signature.json", text => text[..^10]),
            "signature.json too long" => ZipBytes.Rewrite(file, "signature.json", text => text + new string(' ', 5_000)),
            "two signatures" => ZipBytes.Add(file, "signature.json", ZipBytes.EntryOf(file, "signature.json")),
            "key named twice" => ZipBytes.Rewrite(
                file, "signature.json", text => text.Replace("{", "{\"keyId\":\"of a stranger\",", StringComparison.Ordinal)),
            "key of another curve" => OfAnotherCurve(file),
            "manifest too long" => ZipBytes.Rewrite(file, "manifest.json", text => text + new string(' ', 1_100_000)),
            "two manifests" => ZipBytes.Add(file, "manifest.json", ZipBytes.EntryOf(file, "manifest.json")),
            "release too long" => ZipBytes.Rewrite(file, "release.json", text => text + new string(' ', 1_100_000)),
            _ => file[..^22],
        };

        Assert.That(() => Trust.Require(file), Throws.Nothing);
        Assert.That(() => Trust.Require(hostile), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
    }

    // The directory of a zip is read before any signature, and takes several times its size.
    [TestCase(false)]
    [TestCase(true)]
    public void Require_HundredThousandsOfEntries_AreRejectedBeforeTheyAreRead(bool isZip64)
    {
        var bytes = ManyEntries(isZip64 ? 70_000 : 60_000);
        var trust = Trust;
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(() => trust.Require(bytes), Throws.TypeOf<MlOpsException>().With.Message.Contains("its directory has more than"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000), $"of {bytes.Length} bytes");
    }

    // Two parsers could read two different releases out of it. A field that a later version adds is another matter.
    [Test]
    public void Read_FieldsTwiceOrUnknown_AreRejectedOrLeftAlone()
    {
        var file = ReleaseFile.Write(_desired, signer: null);
        var twice = ZipBytes.Rewrite(file, "release.json", text => $"{{\"version\":9,{text[1..]}");
        var unknown = ZipBytes.Rewrite(file, "release.json", text => $"{{\"later\":{{}},{text[1..]}");

        Assert.That(() => ReleaseFile.Read(twice), Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be read"));
        Assert.That(ReleaseFile.Read(unknown).Version, Is.EqualTo(1));
    }

    [TestCase("../escape.txt")]
    [TestCase("/etc/passwd")]
    [TestCase("C:\\escape.txt")]
    [TestCase("GRAPH.JSON")]
    [TestCase(" ")]
    public void Read_EntryBesideThePackage_IsRejected(string name)
    {
        var file = ZipBytes.Add(ReleaseFile.Write(_desired, _signer), name, [1, 2, 3]);

        Assert.That(() => Trust.Require(file), Throws.Nothing, "it is the manifest that is signed");
        Assert.That(() => ReleaseFile.Read(file), Throws.TypeOf<MlOpsException>().With.Message.Contains("is not in the manifest"));
    }

    private static byte[] ManyEntries(int count)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < count; i++) zip.CreateEntry($"{i:x}");
        }

        return bytes.ToArray();
    }

    // Whoever has a key of P-384 says that it is the trusted one of P-256.
    private static byte[] OfAnotherCurve(byte[] file)
    {
        using var other = new PackageSigner(ECDsa.Create(ECCurve.NamedCurves.nistP384));
        var own = ReleaseFile.Write(_desired, other);
        var value = Convert.FromBase64String(ValueOf(Encoding.UTF8.GetString(ZipBytes.EntryOf(own, "signature.json"))));
        return ZipBytes.Rewrite(file, "signature.json", text => Signed(text, value));
    }

    private static string ValueOf(string signature)
    {
        using var json = JsonDocument.Parse(signature);
        return json.RootElement.GetProperty("value").GetString()!;
    }

    private static string Signed(string signature, byte[] value)
    {
        using var json = JsonDocument.Parse(signature);
        return JsonSerializer.Serialize(new
        {
            keyId = json.RootElement.GetProperty("keyId").GetString(),
            algorithm = json.RootElement.GetProperty("algorithm").GetString(),
            value,
        });
    }
}
