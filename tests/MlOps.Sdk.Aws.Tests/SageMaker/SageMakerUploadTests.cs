using Amazon.Runtime;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The archive in s3rver: what SageMaker would unpack is what was released.</summary>
[TestFixture]
public sealed class SageMakerUploadTests
{
    [Test]
    public async Task ApplyAsync_Emulator_HasTheArchiveThatTheModelNames()
    {
        var bucket = await S3Emulator.CreateBucketAsync();
        using var s3 = S3Emulator.CreateClient();
        await using var bench = new Bench();
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var workspace = temporary.Workspace;
        var desired = await BlessedModels.DesiredAsync(workspace, await BlessedModels.CreateAsync(workspace, "churn"), "churn");
        bench.SageMaker.Container = (environment, archive, body) =>
        {
            using var stored = s3.GetObjectAsync(bucket, archive[$"s3://{bucket}/".Length..]).GetAwaiter().GetResult();
            using var content = new MemoryStream();
            stored.ResponseStream.CopyTo(content);
            return bench.Answer(environment, content.ToArray(), body);
        };
        bench.Readers = workspace.Readers;
        using var target = new SageMakerTarget(
            bench.Options(options => options.Upload.Bucket = bucket),
            bench.ServicesOf(workspace),
            s3,
            new BasicAWSCredentials(FakeSageMaker.AccessKey, FakeSageMaker.Secret));

        await target.ApplyAsync(desired);

        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1));
    }
}
