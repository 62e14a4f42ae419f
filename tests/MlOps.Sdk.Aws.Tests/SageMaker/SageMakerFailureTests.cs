using System.Globalization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Deployments that fail: the old version serves, and the message says why and what to do.</summary>
[TestFixture]
public sealed class SageMakerFailureTests
{
    private Bench _bench = null!;
    private TemporaryWorkspace _temporary = null!;
    private DesiredDeployment _first = null!;
    private DesiredDeployment _second = null!;
    private SageMakerTarget _target = null!;

    [OneTimeSetUp]
    public async Task Train()
    {
        _temporary = await TemporaryWorkspace.OpenAsync();
        var (first, second) = await BlessedModels.CreateTwoAsync(_temporary.Workspace, "churn");
        _first = await BlessedModels.DesiredAsync(_temporary.Workspace, first, "churn");
        _second = await BlessedModels.DesiredAsync(_temporary.Workspace, second, "churn");
    }

    [OneTimeTearDown]
    public async Task Clean() => await _temporary.DisposeAsync();

    [SetUp]
    public void Open()
    {
        _bench = new Bench();
        _target = _bench.Create(_temporary.Workspace);
    }

    [TearDown]
    public async Task Close()
    {
        _target.Dispose();
        await _bench.DisposeAsync();
    }

    [Test]
    public async Task ApplyAsync_UpdateFails_OldServesAndTheReasonIsSaid()
    {
        await _target.ApplyAsync(_first);
        _bench.SageMaker.NextFails = "The primary container for production variant live did not pass the ping health check.";

        Assert.That(
            async () => await _target.ApplyAsync(_second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not pass the ping health check")
                .And.Message.Contains("serves what it served before").And.Property("Remedy").Contains("CloudWatch"));

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(_first)));

        // The cause is gone: the next one is brought there.
        await _target.ApplyAsync(_second);
        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(_second)));
    }

    [Test]
    public async Task ApplyAsync_CreationFails_IsDeletedAndCreatedAgainByTheNext()
    {
        _bench.SageMaker.NextFails = "CannotStartContainerError.";
        Assert.That(
            async () => await _target.ApplyAsync(_first),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("CannotStartContainerError").And.Message.Contains("Failed"));
        Assert.That(await ServedAsync(), Is.Null);

        await _target.ApplyAsync(_first);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(_first)));
        Assert.That(_bench.SageMaker.CallNames.Count(name => name == "DeleteEndpoint"), Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_AnswersOtherwise_GoesBackAndIsNotTriedAgain()
    {
        await _target.ApplyAsync(_first);
        _bench.Error = 1e-9;

        Assert.That(
            async () => await _target.ApplyAsync(_second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not give the same predictions")
                .And.Message.Contains("Golden score 0").And.Message.Contains("The version before serves again"));
        Assert.That((_bench.ServedVersion("churn"), await ServedAsync()), Is.EqualTo((VersionOf(_first), VersionOf(_first))));
        var updates = _bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint");

        // A host reconciles every few minutes: callers must not get wrong answers each time.
        Assert.That(
            async () => await _target.ApplyAsync(_second), Throws.TypeOf<MlOpsException>().With.Message.Contains("was taken off"));
        Assert.That(_bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint"), Is.EqualTo(updates));
    }

    [Test]
    public async Task ApplyAsync_FirstVersionAnswersOtherwise_LeavesNoEndpoint()
    {
        _bench.Error = 0.5;

        Assert.That(
            async () => await _target.ApplyAsync(_first), Throws.TypeOf<MlOpsException>().With.Message.Contains("It was deleted"));

        Assert.That(_bench.SageMaker.Endpoints, Is.Empty);
        Assert.That(await ServedAsync(), Is.Null);
    }

    [Test]
    public async Task ApplyAsync_CannotBeVerified_CountsAsServedOnlyOnceItIs()
    {
        _bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (403, Body("AccessDeniedException", "no")) : null;
        Assert.That(
            async () => await _target.ApplyAsync(_first),
            Throws.InstanceOf<MlOpsException>().With.Property("Remedy").Contains("sagemaker:InvokeEndpoint"));
        Assert.That(await ServedAsync(), Is.Null);
        _bench.SageMaker.Instead = _ => null;

        await _target.ApplyAsync(_first);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(_first)));
        Assert.That(_bench.SageMaker.CallNames.Count(name => name == "CreateEndpoint"), Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_ContainerFails_GoesBack()
    {
        await _target.ApplyAsync(_first);
        _bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (424, Body("ModelError", "boom in the container")) : null;

        Assert.That(
            async () => await _target.ApplyAsync(_second), Throws.TypeOf<MlOpsException>().With.Message.Contains("boom in the container"));

        Assert.That(_bench.ServedVersion("churn"), Is.EqualTo(VersionOf(_first)));
    }

    [Test]
    public async Task ApplyAsync_ContainerFailsForAMoment_IsAskedAgain()
    {
        await _target.ApplyAsync(_first);
        var left = 3;
        _bench.SageMaker.Instead = call =>
            call.Name == "InvokeEndpoint" && Live() == VersionOf(_second) && left-- > 0
                ? (424, Body("ModelError", "too many calls"))
                : null;

        await _target.ApplyAsync(_second);

        Assert.That((await ServedAsync(), left), Is.EqualTo((VersionOf(_second), -1)));
    }

    [TestCase(424, "ModelError")]
    [TestCase(403, "AccessDeniedException")]
    [TestCase(200, "no answer of a model")]
    public async Task ApplyAsync_VerifiedVersionDoesNotAnswer_IsLeftAsItIs(int status, string code)
    {
        await _target.ApplyAsync(_first);
        await _target.ApplyAsync(_second);
        _bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (status, Body(code, "busy")) : null;

        Assert.That(async () => await _target.ApplyAsync(_second), Throws.InstanceOf<MlOpsException>());

        Assert.That((_bench.ServedVersion("churn"), await ServedAsync()), Is.EqualTo((VersionOf(_second), VersionOf(_second))));
        Assert.That(_bench.SageMaker.Tags.Values.SelectMany(tags => tags.Keys), Has.None.EqualTo("mlops:refused"));
        Assert.That(_bench.SageMaker.CallNames, Has.None.EqualTo("DeleteEndpoint"));
    }

    [Test]
    public async Task ApplyAsync_NoPermissionToInvoke_FailsBeforeTheUpdate()
    {
        await _target.ApplyAsync(_first);
        _bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (403, Body("AccessDeniedException", "no")) : null;

        Assert.That(
            async () => await _target.ApplyAsync(_second),
            Throws.InstanceOf<MlOpsException>().With.Property("Remedy").Contains("sagemaker:InvokeEndpoint"));

        Assert.That(_bench.SageMaker.CallNames, Has.None.EqualTo("UpdateEndpoint"));
        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(_first)));
    }

    [Test]
    public async Task ApplyAsync_CannotBeVerifiedAfterTheUpdate_GoesBack()
    {
        await _target.ApplyAsync(_first);
        _bench.SageMaker.Instead = call =>
            call.Name == "InvokeEndpoint" && Live() == VersionOf(_second) ? (403, Body("AccessDeniedException", "no")) : null;

        Assert.That(
            async () => await _target.ApplyAsync(_second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("could not be verified").And.Message.Contains("InvokeEndpoint"));

        Assert.That((_bench.ServedVersion("churn"), await ServedAsync()), Is.EqualTo((VersionOf(_first), VersionOf(_first))));
    }

    [TestCase("null")]
    [TestCase("\"99999999999\"")]
    public async Task ApplyAsync_AnswerHasNoVersion_IsADifference(string version)
    {
        await _target.ApplyAsync(_first);
        _bench.SageMaker.Instead = call =>
            call.Name == "InvokeEndpoint" ? (200, $$"""{"model_version":{{version}},"predictions":[]}""") : null;

        Assert.That(
            async () => await _target.ApplyAsync(_second), Throws.TypeOf<MlOpsException>().With.Message.Contains("is not the JSON"));

        Assert.That(_bench.ServedVersion("churn"), Is.EqualTo(VersionOf(_first)));
    }

    [Test]
    public async Task ObserveAsync_VerifiedAndRefused_DoesNotCount()
    {
        await _target.ApplyAsync(_first);
        _bench.SageMaker.Tags.Values.Single(tags => tags.ContainsKey("mlops:verified"))["mlops:refused"] = "2026-03-01";

        Assert.That(await ServedAsync(), Is.Null);
    }

    [Test]
    public async Task ApplyAsync_EndpointOfOthers_IsNotTouched()
    {
        _bench.SageMaker.Endpoints["churn"] = new FakeEndpoint { Status = "InService", Configuration = "theirs" };

        Assert.That(
            async () => await _target.ApplyAsync(_first),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was not created by this library")
                .And.Property("Remedy").Contains("NamePrefix"));

        Assert.That(_bench.SageMaker.Endpoints["churn"].Configuration, Is.EqualTo("theirs"));
        Assert.That(await ServedAsync(), Is.Null);
    }

    [Test]
    public async Task ApplyAsync_AnotherUpdateRuns_WaitsForItsTurn()
    {
        await _target.ApplyAsync(_first);
        var endpoint = _bench.SageMaker.Endpoints["churn"];
        var isFirst = true;
        _bench.SageMaker.Breaks = (call, isAfter) =>
        {
            if (isAfter || call.Name != "UpdateEndpoint" || !isFirst) return false;
            isFirst = false;
            (endpoint.Status, endpoint.Pending, endpoint.Looks) = ("Updating", endpoint.Configuration, 2);
            return false;
        };

        await _target.ApplyAsync(_second);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(_second)));
        Assert.That(_bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint"), Is.EqualTo(2));
    }

    [Test]
    public async Task ApplyAsync_Throttled_IsRepeatedAndSucceeds()
    {
        var left = 4;
        _bench.SageMaker.Instead = call =>
            call.Name == "CreateModel" && left-- > 0 ? (400, Body("ThrottlingException", "Rate exceeded")) : null;

        await _target.ApplyAsync(_first);

        Assert.That(_bench.SageMaker.CallNames.Count(name => name == "CreateModel"), Is.EqualTo(5));
        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(_first)));
    }

    [TestCase(400, "AccessDeniedException", "User is not authorized", "may not do it", "iam:PassRole")]
    [TestCase(400, "ValidationException", "Unknown instance type", "Unknown instance type", "Check SageMakerOptions")]
    [TestCase(400, "ResourceLimitExceeded", "The account-level limit is 0", "no more machines", "quota")]
    [TestCase(400, "ExpiredTokenException", "token SECRETSECRET", "does not accept the credentials", "Renew")]
    [TestCase(503, "ServiceUnavailable", "", "not able to answer now", "later")]
    public void ApplyAsync_Error_SaysWhatToDo(int status, string code, string said, string problem, string remedy)
    {
        _bench.SageMaker.Instead = call => call.Name == "CreateModel" ? (status, Body(code, said)) : null;

        Assert.That(
            async () => await _target.ApplyAsync(_first),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("CreateModel").And.Message.Contains(problem)
                .And.Property("Remedy").Contains(remedy).And.Message.Not.Contains("SECRETSECRET"));
    }

    [Test]
    public async Task ApplyAsync_WrongSecret_IsRejectedByTheSignature()
    {
        using var target = _bench.Create(_temporary.Workspace, secret: "another-secret-key-of-tests");

        var thrown = await Assert.ThrowsAsync<SageMakerFailure>(async () => await target.ApplyAsync(_first));

        Assert.That(thrown!.Code, Is.EqualTo("InvalidSignatureException"));
        Assert.That(thrown!.ToString(), Does.Not.Contain("another-secret-key-of-tests"));
        Assert.That(_bench.SageMaker.Calls, Is.Empty);
    }

    [Test]
    public void ObserveAsync_NobodyThere_SaysSo()
    {
        using var target = _bench.Create(_temporary.Workspace, options => options.ApiAddress = new Uri("http://127.0.0.1:9"));

        Assert.That(
            async () => await target.ObserveAsync("churn"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("cannot be reached"));
    }

    private int? Live() => _bench.SageMaker.Endpoints["churn"].Status == "InService" ? _bench.ServedVersion("churn") : null;

    private async Task<int?> ServedAsync() => (await _target.ObserveAsync("churn")).Version;

    private static int VersionOf(DesiredDeployment desired) => desired.Model.Version.Version;

    private static string Body(string code, string message) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"__type":"com.amazonaws.sagemaker#{{code}}","message":"{{message}}"}""");
}
