using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>SageMaker and S3, and targets that call them. The containers load what was uploaded, and answer with it.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public const string Role = "arn:aws:iam::111122223333:role/models";

    public Bench()
    {
        SageMaker = new FakeSageMaker(Time) { Container = Answer };
        S3.Answer = (request, _) => Task.FromResult(AnswerS3(request));
    }

    public SwiftTime Time { get; } = new();

    public FakeSageMaker SageMaker { get; }

    public RecordingS3 S3 { get; } = new();

    /// <summary>The objects in the bucket.</summary>
    public Dictionary<string, byte[]> Objects { get; } = [];

    public PackageSigner Signer { get; } = PackageSigner.Create();

    /// <summary>What containers add to each score.</summary>
    public double Error { get; set; }

    /// <summary>The readers of the containers.</summary>
    public FormatReaders? Readers { get; set; }

    public SageMakerOptions Options(Action<SageMakerOptions>? configure = null)
    {
        var options = new SageMakerOptions
        {
            RoleArn = Role,
            Image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/models:1.0",
            Region = FakeSageMaker.Region,
            ApiAddress = SageMaker.Address,
            RuntimeAddress = SageMaker.Address,
        };
        options.Upload.Bucket = "models";
        configure?.Invoke(options);
        return options.Checked();
    }

    public SageMakerTarget Create(Workspace workspace, Action<SageMakerOptions>? configure = null, string secret = FakeSageMaker.Secret)
    {
        Readers = workspace.Readers;
        return new SageMakerTarget(
            Options(configure),
            ServicesOf(workspace),
            S3.CreateClient(),
            new BasicAWSCredentials(FakeSageMaker.AccessKey, secret));
    }

    /// <summary>The services of a workspace, with the clock and the signer of the bench.</summary>
    public DeploymentServices ServicesOf(Workspace workspace) => workspace.CreateDeploymentServices(PluginServices.None) with
    {
        Signer = Signer,
        Releases = new OutgoingReleases(Signer, workspace.Readers),
        Time = Time,
        Logger = NullLogger.Instance,
    };

    /// <summary>What a target serves in SageMaker's own records.</summary>
    public int? ServedVersion(string endpoint)
    {
        if (!SageMaker.Endpoints.TryGetValue(endpoint, out var found) || found.Status is not ("InService" or "Updating")) return null;
        var variant = SageMaker.Configurations[found.Configuration].Request["ProductionVariants"]![0]!;
        var model = SageMaker.Models[variant["ModelName"]!.GetValue<string>()].Request;
        return int.Parse(
            model["PrimaryContainer"]!["Environment"]!["MLOPS_VERSION"]!.GetValue<string>(),
            NumberStyles.None,
            CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await SageMaker.DisposeAsync();
        S3.Dispose();
    }

    private HttpResponseMessage? AnswerS3(RecordedRequest request)
    {
        var key = request.Address.AbsolutePath.TrimStart('/');
        switch (request.Method)
        {
            case "PUT":
                Objects[key] = request.Body;
                return null;
            case "DELETE":
                Objects.Remove(key);
                return null;
            default:
                return Objects.ContainsKey(key) ? null : RecordingS3.Error(System.Net.HttpStatusCode.NotFound, "NoSuchKey");
        }
    }

    private byte[] Answer(JsonObject environment, string archive, byte[] body)
    {
        var prefix = "s3://models/";
        Assert.That(archive, Does.StartWith(prefix).And.EndsWith("/model.tar.gz"));
        return Answer(environment, Objects[archive[prefix.Length..]], body);
    }

    /// <summary>The answer of a container with an archive.</summary>
    public byte[] Answer(JsonObject environment, byte[] archive, byte[] body)
    {
        using var request = JsonDocument.Parse(body);
        return PackageAnswers.Write(
            Unpack(archive),
            Readers!,
            request.RootElement.GetProperty("instances"),
            Error,
            json => json.WriteString("model_version", environment["MLOPS_VERSION"]!.GetValue<string>()));
    }

    /// <summary>The release in an archive.</summary>
    public static byte[] Unpack(byte[] archive)
    {
        using var zip = new GZipStream(new MemoryStream(archive), CompressionMode.Decompress);
        using var tar = new TarReader(zip);
        using var content = new MemoryStream();
        var release = tar.GetNextEntry()!;
        Assert.That(release.Name, Does.EndWith(".mlops"));
        release.DataStream!.CopyTo(content);
        Assert.That(tar.GetNextEntry()!.Name, Does.EndWith("/current.json"));
        Assert.That(tar.GetNextEntry(), Is.Null);
        return content.ToArray();
    }
}
