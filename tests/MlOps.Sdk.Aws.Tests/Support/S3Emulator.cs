using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>
/// The npm package s3rver on loopback, whose address is in MLOPS_S3. Without it, tests are skipped; on a build server, they fail.
/// </summary>
internal static class S3Emulator
{
    /// <summary>A bucket that nobody else has, and which is empty.</summary>
    public static async Task<string> CreateBucketAsync()
    {
        var name = $"mlops-{Guid.NewGuid():N}";
        using var client = CreateClient();
        await client.PutBucketAsync(name);
        return name;
    }

    /// <summary>A client with the account that s3rver has.</summary>
    public static AmazonS3Client CreateClient()
    {
        var address = Environment.GetEnvironmentVariable("MLOPS_S3");
        if (string.IsNullOrEmpty(address))
        {
            const string Missing = "Set MLOPS_S3 to the address of s3rver, such as http://127.0.0.1:4568.";
            if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 }) Assert.Fail(Missing);
            Assert.Ignore(Missing);
        }
        return new AmazonS3Client(
            new BasicAWSCredentials("S3RVER", "S3RVER"),
            new AmazonS3Config
            {
                ServiceURL = address,
                ForcePathStyle = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            });
    }

    public static S3ArtifactOptions Options(string bucket) => new() { Bucket = bucket, Prefix = "tests/artifacts" };

    public static string KeyOf(ArtifactId id) => $"tests/artifacts/{id.Hex[..2]}/{id.Hex[2..]}";

    /// <summary>Writes an object as nobody of the library would.</summary>
    public static async Task WriteAsync(string bucket, string key, byte[] bytes)
    {
        using var client = CreateClient();
        using var content = new MemoryStream(bytes);
        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = key, InputStream = content, UseChunkEncoding = false });
    }
}
