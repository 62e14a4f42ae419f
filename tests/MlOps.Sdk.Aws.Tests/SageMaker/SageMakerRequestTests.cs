using System.Text.Json.Nodes;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>What is sent to SageMaker and S3, member by member; that SageMaker takes it, its own description says.</summary>
[TestFixture]
internal sealed class SageMakerRequestTests : SageMakerFixture
{
    [Test]
    public async Task ApplyAsync_FirstVersion_CreatesAllInOrderAndVerifiesIt()
    {
        using var target = Bench.Create(Workspace, options =>
        {
            options.Environment.Add("LOG_LEVEL", "info");
            options.Tags.Add("cost-center", "42");
            options.InstanceCount = 2;
        });

        await target.ApplyAsync(First);

        Assert.That(
            Bench.SageMaker.CallNames.Where(name => !name.StartsWith("Describe", StringComparison.Ordinal)
                && !name.StartsWith("List", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "InvokeEndpoint", "AddTags" }));
        var (model, config, endpoint) = (Sent("CreateModel"), Sent("CreateEndpointConfig"), Sent("CreateEndpoint"));
        var version = First.Model.Version;
        var container = model["PrimaryContainer"]!;
        var key = $"sagemaker/churn/v{version.Version}-{version.ContentHash[..12]}-{Bench.Signer.KeyId[..12]}/model.tar.gz";
        var variant = config["ProductionVariants"]!.AsArray().Single()!;
        Assert.Multiple(() =>
        {
            Assert.That(model["ModelName"]!.GetValue<string>(), Does.Match($"^churn-v{version.Version}-[0-9a-f]{{10}}$"));
            Assert.That(model["ExecutionRoleArn"]!.GetValue<string>(), Is.EqualTo(Bench.Role));
            Assert.That(model["EnableNetworkIsolation"]!.GetValue<bool>(), Is.True);
            Assert.That(container["Image"]!.GetValue<string>(), Is.EqualTo("111122223333.dkr.ecr.eu-central-1.amazonaws.com/models:1.0"));
            Assert.That(container["ModelDataUrl"]!.GetValue<string>(), Is.EqualTo($"s3://models/{key}"));
            Assert.That(container["Environment"]!["LOG_LEVEL"]!.GetValue<string>(), Is.EqualTo("info"));
            Assert.That(container["Environment"]!["MLOPS_CONTENT_HASH"]!.GetValue<string>(), Is.EqualTo(version.ContentHash));
            Assert.That(TagOf(model, "cost-center"), Is.EqualTo("42"));
            Assert.That(TagOf(config, "mlops:version"), Is.EqualTo($"{version.Version}"));
            Assert.That(TagOf(endpoint, "mlops:endpoint"), Is.EqualTo("churn"));
            Assert.That(variant["ModelName"]!.GetValue<string>(), Is.EqualTo(model["ModelName"]!.GetValue<string>()));
            Assert.That(variant["InitialInstanceCount"]!.GetValue<int>(), Is.EqualTo(2));
            Assert.That(variant["InstanceType"]!.GetValue<string>(), Is.EqualTo("ml.m5.large"));
            Assert.That(config["ShadowProductionVariants"], Is.Null);
            Assert.That(endpoint["EndpointName"]!.GetValue<string>(), Is.EqualTo("churn"));
            Assert.That(endpoint["DeploymentConfig"], Is.Null);
        });
    }

    [Test]
    public async Task ApplyAsync_Upload_IsEncryptedPrivateAndARelease()
    {
        using var target = Bench.Create(Workspace, options =>
        {
            options.Upload.Encryption = Storage.S3Encryption.Kms;
            options.Upload.KmsKeyId = "alias/models";
        });

        await target.ApplyAsync(First);

        var put = Bench.S3.Requests.Single(request => request.Method == "PUT");
        var release = ReleaseFile.Read(Bench.Unpack(put.Body), "churn");
        Assert.Multiple(() =>
        {
            Assert.That(put["x-amz-server-side-encryption"], Is.EqualTo("aws:kms"));
            Assert.That(put["x-amz-server-side-encryption-aws-kms-key-id"], Is.EqualTo("alias/models"));
            Assert.That(put["x-amz-checksum-sha256"], Is.Not.Null);
            Assert.That(put.Headers.Keys, Has.None.Contains("acl"));
            Assert.That(
                (release.Version, release.ContentHash),
                Is.EqualTo((First.Model.Version.Version, First.Model.Version.ContentHash)));
        });
    }

    [Test]
    public async Task ApplyAsync_RollingUpdateWithAlarms_IsAskedForAtTheUpdateOnly()
    {
        using var target = Bench.Create(Workspace, options =>
        {
            (options.InstanceCount, options.RollingBatchPercent, options.Bake) = (4, 25, TimeSpan.FromMinutes(5));
            options.RollbackAlarms.Add("churn-errors");
        });
        await target.ApplyAsync(First);

        await target.ApplyAsync(Second);

        Assert.That(Sent("CreateEndpoint")["DeploymentConfig"], Is.Null);
        Assert.That(
            Sent("UpdateEndpoint")["DeploymentConfig"]!.ToJsonString(),
            Is.EqualTo(Json(
                "{'RollingUpdatePolicy':{'MaximumBatchSize':{'Type':'CAPACITY_PERCENT','Value':25},'WaitIntervalInSeconds':300," +
                    "'MaximumExecutionTimeoutInSeconds':1800},'AutoRollbackConfiguration':{'Alarms':[{'AlarmName':'churn-errors'}]}}")));
    }

    [Test]
    public async Task ApplyAsync_BakeWithoutBatches_IsABlueGreenUpdate()
    {
        using var target = Bench.Create(Workspace, options => options.Bake = TimeSpan.FromMinutes(1));
        await target.ApplyAsync(First);

        await target.ApplyAsync(Second);

        Assert.That(
            Sent("UpdateEndpoint")["DeploymentConfig"]!.ToJsonString(),
            Is.EqualTo(Json(
                "{'BlueGreenUpdatePolicy':{'TrafficRoutingConfiguration':{'Type':'ALL_AT_ONCE','WaitIntervalInSeconds':60}," +
                    "'MaximumExecutionTimeoutInSeconds':1800}}")));
    }

    [TestCase(SageMakerPrevious.Holdback, "ProductionVariants", 1, 0.8)]
    [TestCase(SageMakerPrevious.Shadow, "ShadowProductionVariants", 0, 1)]
    public async Task ApplyAsync_PreviousStays_AsAVariantWithItsShare(SageMakerPrevious previous, string list, int at, double live)
    {
        using var target = Bench.Create(
            Workspace, options => (options.Previous, options.PreviousShare) = (previous, 0.2));
        await target.ApplyAsync(First);
        var firstModel = Sent("CreateModel")["ModelName"]!.GetValue<string>();

        await target.ApplyAsync(Second);
        await target.ApplyAsync(Second);

        var config = Sent("CreateEndpointConfig");
        var (kept, main) = (config[list]![at]!, config["ProductionVariants"]![0]!);
        Assert.Multiple(() =>
        {
            Assert.That(kept["VariantName"]!.GetValue<string>(), Is.EqualTo("previous"));
            Assert.That(kept["ModelName"]!.GetValue<string>(), Is.EqualTo(firstModel));
            Assert.That(kept["InitialVariantWeight"]!.GetValue<decimal>(), Is.EqualTo(0.2m));
            Assert.That(main["InitialVariantWeight"]!.GetValue<decimal>(), Is.EqualTo((decimal)live));
            Assert.That(
                Bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint"), Is.EqualTo(1), "the same again changes nothing");
            Assert.That(Bench.ServedVersion("churn"), Is.EqualTo(Second.Model.Version.Version));
        });
    }

    [Test]
    public async Task PlanAsync_SaysWhatWillBe_AndSendsNothingThatChanges()
    {
        using var target = Bench.Create(Workspace);
        var before = await target.PlanAsync(First);
        Assert.That(Bench.SageMaker.CallNames.All(name => name.StartsWith("Describe", StringComparison.Ordinal)), Is.True);
        Assert.That(Bench.S3.Requests, Is.Empty);

        await target.ApplyAsync(First);
        var same = await target.PlanAsync(First);
        var next = await target.PlanAsync(Second);

        Assert.Multiple(() =>
        {
            Assert.That((before.Action, before.UploadsArchive, before.Served), Is.EqualTo((SageMakerAction.Create, true, (string?)null)));
            Assert.That(before.Model, Is.EqualTo(Sent("CreateModel")["ModelName"]!.GetValue<string>()));
            Assert.That(before.Configuration, Is.EqualTo(Sent("CreateEndpointConfig")["EndpointConfigName"]!.GetValue<string>()));
            Assert.That((same.Action, same.UploadsArchive, same.Served), Is.EqualTo((SageMakerAction.Verify, false, before.Configuration)));
            Assert.That((next.Action, next.UploadsArchive, next.Served), Is.EqualTo((SageMakerAction.Update, true, before.Configuration)));
        });
    }

    [Test]
    public async Task ApplyAsync_OldVersions_AreRemovedExceptTheOneBefore()
    {
        using var target = Bench.Create(Workspace);
        foreach (var version in new[] { 1, 2, 3, 4 })
        {
            await target.ApplyAsync(First with
            {
                Model = Another(version),
            });
            Bench.Time.Advance(TimeSpan.FromHours(2));
        }

        Assert.Multiple(() =>
        {
            Assert.That(Bench.SageMaker.Configurations.Keys.Select(VersionIn), Is.EquivalentTo(new[] { "v3", "v4" }));
            Assert.That(Bench.SageMaker.Models.Keys.Select(VersionIn), Is.EquivalentTo(new[] { "v3", "v4" }));
            Assert.That(Bench.Objects.Keys.Select(key => key.Split('/')[2].Split('-')[0]), Is.EquivalentTo(new[] { "v3", "v4" }));
        });
    }

    [Test]
    public async Task ApplyAsync_ResourcesOfOthersWithAlikeNames_AreLeftAlone()
    {
        const string Theirs = "churn-v1-0123456789";
        Bench.SageMaker.Models[Theirs] = new FakeResource([], FakeSageMaker.ArnOf("model", Theirs), 0);
        Bench.SageMaker.Configurations[Theirs] = new FakeResource([], FakeSageMaker.ArnOf("endpoint-config", Theirs), 0);
        using var target = Bench.Create(Workspace);

        await target.ApplyAsync(First);

        Assert.That(Bench.SageMaker.Models.Keys, Does.Contain(Theirs));
        Assert.That(Bench.SageMaker.Configurations.Keys, Does.Contain(Theirs));
    }

    private BlessedModel Another(int version) =>
        new(First.Model.Version with { Version = version }, First.Model.Blessing with { Version = version });

    private static string Json(string text) => text.Replace('\'', '"');

    private static string VersionIn(string name) => name.Split('-')[1];

    private JsonObject Sent(string call) => Bench.SageMaker.Calls.Last(sent => sent.Name == call).Request;

    private static string? TagOf(JsonObject request, string key) => request["Tags"]!.AsArray()
        .Single(tag => tag!["Key"]!.GetValue<string>() == key)!["Value"]!.GetValue<string>();
}
