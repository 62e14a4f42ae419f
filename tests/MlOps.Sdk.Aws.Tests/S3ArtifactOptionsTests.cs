using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

[TestFixture]
public sealed class S3ArtifactOptionsTests
{
    [TestCase("")]
    [TestCase("ab")]
    [TestCase("Models")]
    [TestCase("-models")]
    [TestCase("mod..els")]
    [TestCase("192.168.0.1")]
    [TestCase("models/artifacts")]
    [TestCase("s3://models")]
    public void Bucket_NoName_Throws(string bucket) => Assert.That(
        () => Open(options => options.Bucket = bucket), Throws.ArgumentException.With.Message.Contains("Bucket"));

    [TestCase("/artifacts")]
    [TestCase("artifacts/")]
    [TestCase("a//b")]
    [TestCase("a/../b")]
    [TestCase("a\nb")]
    [TestCase("a\\b")]
    public void Prefix_NoFolders_Throws(string prefix) => Assert.That(
        () => Open(options => options.Prefix = prefix), Throws.ArgumentException.With.Message.Contains("Prefix"));

    [Test]
    public void Prefix_TooManyBytes_Throws() => Assert.That(
        () => Open(options => options.Prefix = new string('東', 320)), Throws.ArgumentException.With.Message.Contains("958 bytes"));

    [TestCase((5L << 20) - 1)]
    [TestCase((5L << 30) + 1)]
    public void PartSize_OutOfRange_Throws(long size) => Assert.That(
        () => Open(options => options.PartSize = size),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("5 MiB and 5 GiB"));

    [Test]
    public void Encryption_KeyWithoutKms_Throws()
    {
        Assert.That(() => Open(options => options.KmsKeyId = "key"), Throws.ArgumentException.With.Message.Contains("S3Encryption.Kms"));
        Assert.That(
            () => Open(options => (options.Encryption, options.KmsKeyId) = (S3Encryption.Kms, " ")),
            Throws.ArgumentException.With.Message.Contains("KmsKeyId"));
        Assert.That(() => Open(options => options.Encryption = (S3Encryption)9), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Timeouts_OutOfRange_Throw()
    {
        Assert.That(() => Open(options => options.Timeout = TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Open(options => options.TransferTimeout = TimeSpan.FromDays(2)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase("models")]
    [TestCase("my.models-1")]
    [TestCase("arn:aws:s3:eu-central-1:111122223333:accesspoint/models")]
    public void Bucket_Name_IsTaken(string bucket) => Assert.That(() => Open(options => options.Bucket = bucket), Throws.Nothing);

    [Test]
    public void AddS3Artifacts_ClientOfTheContainer_IsTheStoreOfTheHost()
    {
        using var s3 = new RecordingS3();
        using var client = s3.CreateClient();
        var services = new ServiceCollection().AddSingleton<IAmazonS3>(client);

        services.AddMlOps().AddS3Artifacts(options => options.Bucket = "models");

        using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<IArtifactStore>();
        Assert.That(store, Is.TypeOf<S3ArtifactStore>());
        Assert.That(async () => await store.PutAsync("x"u8.ToArray()), Throws.Nothing);
        Assert.That(s3.Requests[0].Address.Host, Does.StartWith("models.s3."));
    }

    [Test]
    public void AddS3Artifacts_WrongOrTwice_ThrowsAtOnce()
    {
        var builder = new ServiceCollection().AddMlOps();
        Assert.That(() => builder.AddS3Artifacts(_ => { }), Throws.ArgumentException);
        builder.AddS3Artifacts(options => options.Bucket = "models");
        Assert.That(
            () => builder.AddS3Artifacts(options => options.Bucket = "models"),
            Throws.InvalidOperationException.With.Message.Contains("already"));
    }

    private static void Open(Action<S3ArtifactOptions> configure)
    {
        var options = new S3ArtifactOptions { Bucket = "models" };
        configure(options);
        using var s3 = new RecordingS3();
        using var client = s3.CreateClient();
        new S3ArtifactStore(options, client).Dispose();
    }
}
