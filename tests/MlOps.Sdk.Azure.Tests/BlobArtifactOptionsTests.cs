using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Azure.Tests;

[TestFixture]
public sealed class BlobArtifactOptionsTests
{
    [TestCase("")]
    [TestCase("ab")]
    [TestCase("Models")]
    [TestCase("-models")]
    [TestCase("mod--els")]
    [TestCase("models/artifacts")]
    [TestCase("models\n")]
    public void Container_NoName_Throws(string container) => Assert.That(
        () => Open(options => options.Container = container), Throws.ArgumentException.With.Message.Contains("Container"));

    [TestCase("/artifacts")]
    [TestCase("artifacts/")]
    [TestCase("a/../b")]
    public void Prefix_NoFolders_Throws(string prefix) => Assert.That(
        () => Open(options => options.Prefix = prefix), Throws.ArgumentException.With.Message.Contains("Prefix"));

    [TestCase((1L << 20) - 1)]
    [TestCase((4_000L << 20) + 1)]
    public void BlockSize_OutOfRange_Throws(long size) => Assert.That(
        () => Open(options => options.BlockSize = size),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("1 MiB and 4,000 MiB"));

    [TestCase("http://account.blob.core.windows.net")]
    [TestCase("https://account.blob.core.windows.net?sv=1&sig=of-a-signature")]
    [TestCase("https://user:of-a-signature@account.blob.core.windows.net")]
    [TestCase("account")]
    public void ServiceUri_NoPlainHttpsAddress_ThrowsWithoutIt(string address) => Assert.That(
        () => new BlobArtifactStore(
            new BlobArtifactOptions { Container = "models", ServiceUri = new Uri(address, UriKind.RelativeOrAbsolute) }),
        Throws.ArgumentException.With.Message.Contains("ServiceUri").And.Message.Not.Contains("of-a-signature"));

    [Test]
    public void EncryptionScope_NoName_Throws() => Assert.That(
        () => Open(options => options.EncryptionScope = " "), Throws.ArgumentException.With.Message.Contains("EncryptionScope"));

    [Test]
    public void Timeouts_OutOfRange_Throw()
    {
        Assert.That(() => Open(options => options.Timeout = TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Open(options => options.TransferTimeout = TimeSpan.FromDays(2)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Client_BothOrNeither_Throws()
    {
        var address = new Uri("https://account.blob.core.windows.net");
        Assert.That(
            () => new BlobArtifactStore(new BlobArtifactOptions { Container = "models" }),
            Throws.ArgumentException.With.Message.Contains("one of both"));
        Assert.That(() => Open(options => options.ServiceUri = address), Throws.ArgumentException.With.Message.Contains("one of both"));
        Assert.That(
            () => new BlobArtifactStore(new BlobArtifactOptions { Container = "models", ServiceUri = address }), Throws.Nothing);
    }

    [Test]
    public void AddBlobArtifacts_ClientOfTheContainer_IsTheStoreOfTheHost()
    {
        using var blobs = new RecordingBlobs();
        var services = new ServiceCollection().AddSingleton(blobs.CreateClient());

        services.AddMlOps().AddBlobArtifacts(options => options.Container = "models");

        using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<IArtifactStore>();
        Assert.That(store, Is.TypeOf<BlobArtifactStore>());
        Assert.That(async () => await store.PutAsync("x"u8.ToArray()), Throws.Nothing);
        Assert.That(blobs.Requests[0].Address.AbsolutePath, Does.StartWith("/models/artifacts/"));
    }

    [Test]
    public void AddBlobArtifacts_WrongOrTwice_ThrowsAtOnce()
    {
        var builder = new ServiceCollection().AddMlOps();
        Assert.That(() => builder.AddBlobArtifacts(_ => { }), Throws.ArgumentException);
        builder.AddBlobArtifacts(options => options.Container = "models");
        Assert.That(
            () => builder.AddBlobArtifacts(options => options.Container = "models"),
            Throws.InvalidOperationException.With.Message.Contains("already"));
    }

    private static void Open(Action<BlobArtifactOptions> configure)
    {
        var options = new BlobArtifactOptions { Container = "models" };
        configure(options);
        using var blobs = new RecordingBlobs();
        _ = new BlobArtifactStore(options, blobs.CreateClient());
    }
}
