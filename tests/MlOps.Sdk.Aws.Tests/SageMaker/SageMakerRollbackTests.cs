using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Versions that come back, and what others delete or bring back meanwhile.</summary>
[TestFixture]
internal sealed class SageMakerRollbackTests : SageMakerFixture
{
    private SageMakerTarget _target = null!;

    [SetUp]
    public void Open() => _target = Bench.Create(Workspace);

    [TearDown]
    public void Close() => _target.Dispose();

    [Test]
    public async Task ApplyAsync_EarlierVersionAnswersOtherwiseNow_WhatServedBeforeServesAgain()
    {
        await _target.ApplyAsync(First);
        await _target.ApplyAsync(Second);
        Bench.Error = 1e-3;

        Assert.That(
            async () => await _target.ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The version before serves again"));

        Bench.Error = 0;
        Assert.That((Bench.ServedVersion("churn"), await ServedAsync()), Is.EqualTo((VersionOf(Second), VersionOf(Second))));
        Assert.That(
            async () => await _target.ApplyAsync(First), Throws.TypeOf<MlOpsException>().With.Message.Contains("was taken off"));
    }

    [Test]
    public async Task ApplyAsync_EarlierVersionAnswersOtherwiseAfterAProcessWasEnded_WhatServedBeforeServesAgain()
    {
        await _target.ApplyAsync(First);
        await _target.ApplyAsync(Second);
        using var ended = new CancellationTokenSource();
        Bench.SageMaker.Breaks = (call, isAfter) =>
        {
            if (isAfter && call.Name == "UpdateEndpoint") ended.Cancel();
            return false;
        };
        Assert.That(async () => await _target.ApplyAsync(First, ended.Token), Throws.InstanceOf<OperationCanceledException>());
        Bench.SageMaker.Breaks = (_, _) => false;
        Bench.Error = 1e-3;

        Assert.That(
            async () => await _target.ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The version before serves again"));

        Assert.That(Bench.ServedVersion("churn"), Is.EqualTo(VersionOf(Second)));
    }

    [Test]
    public async Task ApplyAsync_NextVersionAfterOneThatWasNeverVerified_ThatOneServesAgain()
    {
        Bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (403, """{"__type":"AccessDeniedException"}""") : null;
        Assert.That(async () => await _target.ApplyAsync(First), Throws.InstanceOf<MlOpsException>());
        Bench.SageMaker.Instead = _ => null;
        Bench.Error = 1e-3;

        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The version before serves again"));

        Assert.That(Bench.ServedVersion("churn"), Is.EqualTo(VersionOf(First)));
    }

    [Test]
    public async Task ApplyAsync_ConfigurationOfTheEndpointWasDeleted_IsMadeAgain()
    {
        await _target.ApplyAsync(First);
        Delete(Bench.SageMaker.Configurations.Keys.Single());
        Assert.That(await ServedAsync(), Is.Null);

        await _target.ApplyAsync(First);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(First)));
        Assert.That(Bench.SageMaker.CallNames.Count(name => name == "CreateEndpointConfig"), Is.EqualTo(2));
        Assert.That(Bench.SageMaker.CallNames, Has.None.EqualTo("UpdateEndpoint"));
    }

    [Test]
    public async Task ApplyAsync_ConfigurationIsDeletedBeforeTheUpdate_IsMadeAgain()
    {
        await _target.ApplyAsync(First);
        var isFirst = true;
        Bench.SageMaker.Breaks = (call, isAfter) =>
        {
            if (isAfter || call.Name != "UpdateEndpoint" || !isFirst) return false;
            isFirst = false;
            Delete(Bench.SageMaker.Configurations.Keys.Single(name => name != Bench.SageMaker.Endpoints["churn"].Configuration));
            return false;
        };

        await _target.ApplyAsync(Second);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(Second)));
    }

    [Test]
    public async Task ApplyAsync_AnotherProcessBringsAnEarlierVersionBack_NothingOfItIsRemoved()
    {
        await _target.ApplyAsync(First);
        var first = Bench.SageMaker.Configurations.Keys.Single();
        Bench.Time.Advance(TimeSpan.FromHours(2));
        await _target.ApplyAsync(Second);
        Bench.Time.Advance(TimeSpan.FromHours(2));
        var endpoint = Bench.SageMaker.Endpoints["churn"];
        Bench.SageMaker.Breaks = (call, isAfter) =>
        {
            var isCleaning = call.Name == "ListEndpointConfigs" && endpoint.Configuration.StartsWith("churn-v7-", StringComparison.Ordinal);
            if (isAfter && isCleaning) (endpoint.Status, endpoint.Pending, endpoint.Looks) = ("Updating", first, 20);
            return false;
        };

        await _target.ApplyAsync(First with
        {
            Model = new BlessedModel(First.Model.Version with { Version = 7 }, First.Model.Blessing with { Version = 7 }),
        });

        Assert.That(Bench.SageMaker.Configurations.Keys, Does.Contain(first));
        Assert.That(Bench.SageMaker.CallNames, Has.None.StartsWith("Delete"));
    }

    [Test]
    public async Task ApplyAsync_EndpointNeverSettles_EndsAfterPatience()
    {
        await _target.ApplyAsync(First);
        var endpoint = Bench.SageMaker.Endpoints["churn"];
        (endpoint.Status, endpoint.Looks) = ("Updating", int.MaxValue);
        var began = Bench.Time.GetUtcNow();

        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("still Updating after SageMakerOptions.Patience"));

        Assert.That(Bench.Time.GetUtcNow() - began, Is.InRange(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31)));
    }

    private void Delete(string configuration)
    {
        Bench.SageMaker.Configurations.Remove(configuration);
        Bench.SageMaker.Tags.Remove(FakeSageMaker.ArnOf("endpoint-config", configuration));
    }

    private async Task<int?> ServedAsync() => (await _target.ObserveAsync("churn")).Version;
}
