using System.Globalization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Deployments that fail: the old version serves, and the message says why and what to do.</summary>
[TestFixture]
internal sealed class SageMakerFailureTests : SageMakerFixture
{
    private const string Mark = "mlops:workspace";

    private SageMakerTarget _target = null!;

    [SetUp]
    public void Open() => _target = Bench.Create(Workspace);

    [TearDown]
    public void Close() => _target.Dispose();

    [Test]
    public async Task ApplyAsync_UpdateFails_OldServesAndTheReasonIsSaid()
    {
        await _target.ApplyAsync(First);
        Bench.SageMaker.NextFails = "The primary container for production variant live did not pass the ping health check.";

        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not pass the ping health check")
                .And.Message.Contains("serves what it served before").And.Property("Remedy").Contains("CloudWatch"));

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(First)));

        // The cause is gone: the next one is brought there.
        await _target.ApplyAsync(Second);
        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(Second)));
    }

    [Test]
    public async Task ApplyAsync_CreationFails_IsDeletedAndCreatedAgainByTheNext()
    {
        Bench.SageMaker.NextFails = "CannotStartContainerError.";
        Assert.That(
            async () => await _target.ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("CannotStartContainerError").And.Message.Contains("Failed"));
        Assert.That(await ServedAsync(), Is.Null);

        await _target.ApplyAsync(First);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(First)));
        Assert.That(Bench.SageMaker.CallNames.Count(name => name == "DeleteEndpoint"), Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_AnswersOtherwise_GoesBackAndIsNotTriedAgain()
    {
        await _target.ApplyAsync(First);
        Bench.Error = 1e-9;

        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not give the same predictions")
                .And.Message.Contains("Golden score 0").And.Message.Contains("The version before serves again"));
        Bench.Error = 0;
        Assert.That((Bench.ServedVersion("churn"), await ServedAsync()), Is.EqualTo((VersionOf(First), VersionOf(First))));
        var updates = Bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint");

        // A host reconciles every few minutes: callers must not get wrong answers each time.
        Assert.That(
            async () => await _target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("was taken off"));
        Assert.That(Bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint"), Is.EqualTo(updates));
    }

    [Test]
    public async Task ApplyAsync_FirstVersionAnswersOtherwise_LeavesNoEndpoint()
    {
        Bench.Error = 0.5;

        Assert.That(
            async () => await _target.ApplyAsync(First), Throws.TypeOf<MlOpsException>().With.Message.Contains("It was deleted"));

        Assert.That(Bench.SageMaker.Endpoints, Is.Empty);
        Assert.That(await ServedAsync(), Is.Null);
    }

    [Test]
    public async Task ApplyAsync_CannotBeVerified_CountsAsServedOnlyOnceItIs()
    {
        Bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (403, Body("AccessDeniedException", "no")) : null;
        Assert.That(
            async () => await _target.ApplyAsync(First),
            Throws.InstanceOf<MlOpsException>().With.Property("Remedy").Contains("sagemaker:InvokeEndpoint"));
        Assert.That(await ServedAsync(), Is.Null);
        Bench.SageMaker.Instead = _ => null;

        await _target.ApplyAsync(First);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(First)));
        Assert.That(Bench.SageMaker.CallNames.Count(name => name == "CreateEndpoint"), Is.EqualTo(1));
    }

    [Test]
    public async Task ApplyAsync_ContainerFails_GoesBack()
    {
        await _target.ApplyAsync(First);
        Bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (424, Body("ModelError", "boom in the container")) : null;

        Assert.That(
            async () => await _target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("boom in the container"));

        Assert.That(Bench.ServedVersion("churn"), Is.EqualTo(VersionOf(First)));
    }

    [Test]
    public async Task ApplyAsync_ContainerFailsForAMoment_IsAskedAgain()
    {
        await _target.ApplyAsync(First);
        var left = 3;
        Bench.SageMaker.Instead = call =>
            call.Name == "InvokeEndpoint" && Live() == VersionOf(Second) && left-- > 0
                ? (424, Body("ModelError", "too many calls"))
                : null;

        await _target.ApplyAsync(Second);

        Assert.That((left, await ServedAsync()), Is.EqualTo((-1, VersionOf(Second))));
    }

    [TestCase(424, "ModelError")]
    [TestCase(403, "AccessDeniedException")]
    [TestCase(200, "no answer of a model")]
    public async Task ApplyAsync_VerifiedVersionDoesNotAnswer_IsLeftAsItIs(int status, string code)
    {
        await _target.ApplyAsync(First);
        await _target.ApplyAsync(Second);
        Bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (status, Body(code, "busy")) : null;

        Assert.That(async () => await _target.ApplyAsync(Second), Throws.InstanceOf<MlOpsException>());

        Bench.SageMaker.Instead = _ => null;
        Assert.That((Bench.ServedVersion("churn"), await ServedAsync()), Is.EqualTo((VersionOf(Second), VersionOf(Second))));
        Assert.That(Bench.SageMaker.Tags.Values.SelectMany(tags => tags.Keys), Has.None.EqualTo("mlops:refused"));
        Assert.That(Bench.SageMaker.CallNames, Has.None.EqualTo("DeleteEndpoint"));
    }

    [Test]
    public async Task ApplyAsync_NoPermissionToInvoke_FailsBeforeTheUpdate()
    {
        await _target.ApplyAsync(First);
        Bench.SageMaker.Instead = call => call.Name == "InvokeEndpoint" ? (403, Body("AccessDeniedException", "no")) : null;

        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.InstanceOf<MlOpsException>().With.Property("Remedy").Contains("sagemaker:InvokeEndpoint"));

        Assert.That(Bench.SageMaker.CallNames, Has.None.EqualTo("UpdateEndpoint"));
        Assert.That(
            async () => await ServedAsync(), Throws.InstanceOf<MlOpsException>().With.Property("Remedy").Contains("InvokeEndpoint"));
        Bench.SageMaker.Instead = _ => null;
        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(First)));
    }

    [Test]
    public async Task ApplyAsync_CannotBeVerifiedAfterTheUpdate_GoesBack()
    {
        await _target.ApplyAsync(First);
        Bench.SageMaker.Instead = call =>
            call.Name == "InvokeEndpoint" && Live() == VersionOf(Second) ? (403, Body("AccessDeniedException", "no")) : null;

        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("could not be asked").And.Message.Contains("InvokeEndpoint"));

        Assert.That((Bench.ServedVersion("churn"), await ServedAsync()), Is.EqualTo((VersionOf(First), VersionOf(First))));
    }

    [TestCase(503, "ServiceUnavailable", "busy")]
    [TestCase(500, "InternalFailure", "")]
    [TestCase(424, "ModelError", "Your invocation timed out while waiting for a response from container live.")]
    public async Task ApplyAsync_OutageAfterTheUpdate_IsTriedAgainAfterAWhile(int status, string code, string said)
    {
        await _target.ApplyAsync(First);
        Bench.SageMaker.Instead = call =>
            call.Name == "InvokeEndpoint" && Live() == VersionOf(Second) ? (status, Body(code, said)) : null;
        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("could not be asked").And.Message.Contains("after 15 minutes"));
        Bench.SageMaker.Instead = _ => null;
        var updates = Bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint");

        // A host reconciles every minute, and each update takes many.
        Assert.That(
            async () => await _target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("could not be").And.Message.Contains("tried again after"));
        Assert.That(Bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint"), Is.EqualTo(updates));
        Bench.Time.Advance(TimeSpan.FromMinutes(15));
        await _target.ApplyAsync(Second);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(Second)));
        Assert.That(Bench.SageMaker.Tags.Values.SelectMany(tags => tags.Keys), Has.None.EqualTo("mlops:refused"));
    }

    [Test]
    public async Task ObserveAsync_VerifiedVersionAnswersOtherwiseNow_DoesNotCountUntilItAnswersAsBefore()
    {
        await _target.ApplyAsync(First);
        await _target.ApplyAsync(Second);
        Bench.Time.Advance(TimeSpan.FromDays(100));
        using var another = Bench.Create(Workspace);

        // As in another process: the golden rows are not those that were asked last.
        Workspace.Golden.Of(First);
        Assert.That((await another.ObserveAsync("churn")).Version, Is.EqualTo(VersionOf(Second)));

        Bench.Error = 1e-9;

        Assert.That((await another.ObserveAsync("churn")).Version, Is.Null);
        Assert.That(
            async () => await another.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("now does not answer").And.Message.Contains("Golden score 0"));
        Bench.Error = 0;
        Assert.That((await another.ObserveAsync("churn")).Version, Is.EqualTo(VersionOf(Second)));
    }

    [Test]
    public async Task ApplyAsync_EndpointOfAnotherWorkspace_IsRefusedUntilItIsMarked()
    {
        await _target.ApplyAsync(First);
        var tags = Bench.SageMaker.Tags[FakeSageMaker.ArnOf("endpoint", "churn")];
        Assert.That(tags[Mark], Is.EqualTo(Workspace.Id));
        tags[Mark] = "0123";
        var served = Bench.SageMaker.Endpoints["churn"].Configuration;

        foreach (var call in new Func<Task>[] { async () => await _target.ApplyAsync(Second), async () => await _target.PlanAsync(Second) })
        {
            Assert.That(
                async () => await call(),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("is of the workspace 0123").And.Message.Contains(Workspace.Id)
                    .And.Property("Remedy").Contains("NamePrefix").And.Property("Remedy").Contains("add-tags"));
        }

        Assert.That((Bench.SageMaker.Endpoints["churn"].Configuration, tags[Mark]), Is.EqualTo((served, "0123")));
        tags[Mark] = Workspace.Id;
        await _target.ApplyAsync(Second);
        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(Second)));
    }

    [Test]
    public async Task ApplyAsync_MadeBeforeMarksWereThere_IsAdoptedByTheWorkspaceThatHasTheVersion()
    {
        await _target.ApplyAsync(First);
        foreach (var tags in Bench.SageMaker.Tags.Values) tags.Remove(Mark);
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        using var theirs = Bench.Create(temporary.Workspace);
        var other = await BlessedModels.DesiredAsync(
            temporary.Workspace, await BlessedModels.CreateAsync(temporary.Workspace, "other"), "churn");
        Assert.That(
            async () => await theirs.ApplyAsync(other),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not say from which workspace it is"));
        Bench.Readers = Workspace.Readers;

        await _target.ApplyAsync(Second);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(Second)));
        Assert.That(Bench.SageMaker.Tags[FakeSageMaker.ArnOf("endpoint", "churn")][Mark], Is.EqualTo(Workspace.Id));
    }

    [Test]
    public async Task ApplyAsync_ConfigurationsOfAnotherWorkspace_AreNotRemoved()
    {
        await _target.ApplyAsync(First);
        var theirs = Bench.SageMaker.Configurations.Keys.Single();
        Bench.SageMaker.Tags[FakeSageMaker.ArnOf("endpoint-config", theirs)][Mark] = "0123";
        foreach (var desired in new[] { Second, First with { Model = Another(7) }, First with { Model = Another(8) } })
        {
            Bench.Time.Advance(TimeSpan.FromHours(2));
            await _target.ApplyAsync(desired);
        }

        Assert.That(Bench.SageMaker.Configurations.Keys, Does.Contain(theirs).And.None.Contains("churn-v2-"));
    }

    [TestCase("null")]
    [TestCase("\"99999999999\"")]
    public async Task ApplyAsync_AnswerHasNoVersion_IsADifference(string version)
    {
        await _target.ApplyAsync(First);
        Bench.SageMaker.Instead = call =>
            call.Name == "InvokeEndpoint" ? (200, $$"""{"model_version":{{version}},"predictions":[]}""") : null;

        Assert.That(
            async () => await _target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("is not the JSON"));

        Assert.That(Bench.ServedVersion("churn"), Is.EqualTo(VersionOf(First)));
    }

    [Test]
    public async Task ObserveAsync_VerifiedAndRefused_DoesNotCount()
    {
        await _target.ApplyAsync(First);
        Bench.SageMaker.Tags.Values.Single(tags => tags.ContainsKey("mlops:verified"))["mlops:refused"] = "2026-03-01";

        Assert.That(await ServedAsync(), Is.Null);
    }

    [Test]
    public async Task ApplyAsync_EndpointOfOthers_IsNotTouched()
    {
        Bench.SageMaker.Endpoints["churn"] = new FakeEndpoint { Status = "InService", Configuration = "theirs" };

        Assert.That(
            async () => await _target.ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was not created by this library")
                .And.Property("Remedy").Contains("NamePrefix"));

        Assert.That(Bench.SageMaker.Endpoints["churn"].Configuration, Is.EqualTo("theirs"));
        Assert.That(await ServedAsync(), Is.Null);
    }

    [Test]
    public async Task ApplyAsync_AnotherUpdateRuns_WaitsForItsTurn()
    {
        await _target.ApplyAsync(First);
        var endpoint = Bench.SageMaker.Endpoints["churn"];
        var isFirst = true;
        Bench.SageMaker.Breaks = (call, isAfter) =>
        {
            if (isAfter || call.Name != "UpdateEndpoint" || !isFirst) return false;
            isFirst = false;
            (endpoint.Status, endpoint.Pending, endpoint.Looks) = ("Updating", endpoint.Configuration, 2);
            return false;
        };

        await _target.ApplyAsync(Second);

        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(Second)));
        Assert.That(Bench.SageMaker.CallNames.Count(name => name == "UpdateEndpoint"), Is.EqualTo(2));
    }

    [Test]
    public async Task ApplyAsync_Throttled_IsRepeatedAndSucceeds()
    {
        var left = 4;
        Bench.SageMaker.Instead = call =>
            call.Name == "CreateModel" && left-- > 0 ? (400, Body("ThrottlingException", "Rate exceeded")) : null;

        await _target.ApplyAsync(First);

        Assert.That(Bench.SageMaker.CallNames.Count(name => name == "CreateModel"), Is.EqualTo(5));
        Assert.That(await ServedAsync(), Is.EqualTo(VersionOf(First)));
    }

    [TestCase(400, "AccessDeniedException", "User is not authorized", "may not do it", "iam:PassRole")]
    [TestCase(400, "ValidationException", "Unknown instance type", "Unknown instance type", "Check SageMakerOptions")]
    [TestCase(400, "ResourceLimitExceeded", "The account-level limit is 0", "no more machines", "quota")]
    [TestCase(400, "ExpiredTokenException", "token SECRETSECRET", "does not accept the credentials", "Renew")]
    [TestCase(503, "ServiceUnavailable", "", "not able to answer now", "later")]
    public void ApplyAsync_Error_SaysWhatToDo(int status, string code, string said, string problem, string remedy)
    {
        Bench.SageMaker.Instead = call => call.Name == "CreateModel" ? (status, Body(code, said)) : null;

        Assert.That(
            async () => await _target.ApplyAsync(First),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("CreateModel").And.Message.Contains(problem)
                .And.Property("Remedy").Contains(remedy).And.Message.Not.Contains("SECRETSECRET"));
    }

    [Test]
    public async Task ApplyAsync_WrongSecret_IsRejectedByTheSignature()
    {
        using var target = Bench.Create(Workspace, secret: "another-secret-key-of-tests");

        var thrown = await Assert.ThrowsAsync<SageMakerFailure>(async () => await target.ApplyAsync(First));

        Assert.That(thrown!.Code, Is.EqualTo("InvalidSignatureException"));
        Assert.That(thrown!.ToString(), Does.Not.Contain("another-secret-key-of-tests"));
        Assert.That(Bench.SageMaker.Calls, Is.Empty);
    }

    [Test]
    public void ObserveAsync_NobodyThere_SaysSo()
    {
        using var target = Bench.Create(Workspace, options => options.ApiAddress = new Uri("http://127.0.0.1:9"));

        Assert.That(
            async () => await target.ObserveAsync("churn"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("cannot be reached"));
    }

    private BlessedModel Another(int version) =>
        new(First.Model.Version with { Version = version }, First.Model.Blessing with { Version = version });

    private int? Live() => Bench.SageMaker.Endpoints["churn"].Status == "InService" ? Bench.ServedVersion("churn") : null;

    private async Task<int?> ServedAsync() => (await _target.ObserveAsync("churn")).Version;

    private static string Body(string code, string message) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"__type":"com.amazonaws.sagemaker#{{code}}","message":"{{message}}"}""");
}
