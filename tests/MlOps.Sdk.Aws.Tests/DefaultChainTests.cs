using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The store's own client: credentials, region and address are those of the environment.</summary>
[TestFixture]
[NonParallelizable]
public sealed class DefaultChainTests
{
    private readonly Dictionary<string, string?> _before = [];

    [SetUp]
    public void Clear()
    {
        // Nothing of the machine, and no question to a metadata service.
        foreach (var name in new[] { "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY" })
        {
            Set(name, null);
        }

        Set("AWS_EC2_METADATA_DISABLED", "true");
        Set("AWS_CONFIG_FILE", "/nowhere");
        Set("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
    }

    [TearDown]
    public void Restore()
    {
        foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
        _before.Clear();
    }

    [Test]
    public void Create_NoRegion_SaysWhereItComesFrom() => Assert.That(
        () => new S3ArtifactStore(new S3ArtifactOptions { Bucket = "models" }),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("no region").And.Message.Contains("AWS_REGION"));

    [Test]
    public void PutAsync_NoCredentials_SaysWhereTheyComeFrom()
    {
        Set("AWS_REGION", "eu-central-1");
        using var store = new S3ArtifactStore(new S3ArtifactOptions { Bucket = "models" });

        Assert.That(
            async () => await store.PutAsync("x"u8.ToArray()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be stored").And.Message.Contains("Check the credentials"));
    }

    [Test]
    public async Task PutAsync_CredentialsOfTheEnvironment_AreUsed()
    {
        var bucket = await S3Emulator.CreateBucketAsync();
        Set("AWS_REGION", "us-east-1");
        Set("AWS_ACCESS_KEY_ID", "S3RVER");
        Set("AWS_SECRET_ACCESS_KEY", "S3RVER");
        Set("AWS_ENDPOINT_URL_S3", Environment.GetEnvironmentVariable("MLOPS_S3"));
        using var store = new S3ArtifactStore(S3Emulator.Options(bucket));

        var stored = await store.PutAsync("x"u8.ToArray());

        Assert.That(await store.ReadAllAsync(stored.Id), Is.EqualTo("x"u8.ToArray()));
    }

    private void Set(string name, string? value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }
}
