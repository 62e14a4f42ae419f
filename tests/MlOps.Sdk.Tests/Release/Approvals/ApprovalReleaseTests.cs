using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Releases of another workspace that people approve here, and that are handed over again and again.</summary>
[TestFixture]
internal sealed class ApprovalReleaseTests
{
    private const string Name = "sample";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static TemporaryWorkspace _origin = null!;
    private static DesiredDeployment _first = null!;
    private static DesiredDeployment _second = null!;

    private TemporaryWorkspace _temporary = null!;
    private People _people = null!;

    private Workspace Workspace => _temporary.Workspace;

    [OneTimeSetUp]
    public static async Task TrainAsync()
    {
        _origin = await TemporaryWorkspace.OpenAsync();
        var (first, second) = await BlessedModels.CreateTwoAsync(_origin.Workspace);
        _first = await BlessedModels.DesiredAsync(_origin.Workspace, first);
        _second = await BlessedModels.DesiredAsync(_origin.Workspace, second);
    }

    [OneTimeTearDown]
    public static async Task DeleteAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
    }

    [SetUp]
    public async Task OpenAsync()
    {
        _people = new People();
        _temporary = await TemporaryWorkspace.OpenAsync(options =>
        {
            options.Trust = new PackageTrust(_signer.PublicKey);
            options.Actors = _people;
        });
        await Workspace.ReceiveAsync(FileOf(_first));
        await Workspace.Approvals.Registry.TightenAsync(
            await Workspace.Models.GetAsync(Name, 1), new ApprovalPolicy { Roles = ["risk-officer"] }, "dan", default);
    }

    [TearDown]
    public async Task CloseAsync() => await _temporary.DisposeAsync();

    [Test]
    public async Task Receive_Rejected_IsNotRequestedAgainUntilALaterReleaseOrByHand()
    {
        var asked = await RequireAsync(_second);
        await DecideAsync(asked.Approval!.Id, approves: false);

        var again = await RequireAsync(_second);
        var requests = await Workspace.Approvals.ListAsync();
        var later = await RequireAsync(_second with { PromotedAt = _second.PromotedAt!.Value.AddMinutes(1) });
        await DecideAsync(later.Approval!.Id, approves: false);
        var byHand = await Assert.CatchAsync<ApprovalRequiredException>(
            async () => await Workspace.Models.PromoteAsync(Name, 2, "now it is fine"));

        Assert.Multiple(() =>
        {
            Assert.That(again.Message, Does.Contain("is not taken up").And.Contain("was rejected by ann").And.Contain("PromoteAsync"));
            Assert.That(requests, Has.Count.EqualTo(1));
            Assert.That(later.Approval.Id, Is.EqualTo(2));
            Assert.That(byHand!.Approval!.Id, Is.EqualTo(3));
        });
    }

    [Test]
    public async Task Receive_PendingAndHandedOverAgain_IsRequestedOnce()
    {
        var first = await RequireAsync(_second);
        var again = await RequireAsync(_second);

        Assert.That(again.Approval!.Id, Is.EqualTo(first.Approval!.Id));
        Assert.That(await Workspace.Approvals.ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Approve_Release_IsKnownAsReceived()
    {
        var asked = await RequireAsync(_second);
        await DecideAsync(asked.Approval!.Id);
        var live = (await Workspace.Models.FindByAliasAsync(Name, ModelRegistry.Champion))!.Version;
        await Workspace.Models.RollbackAsync(Name, "an incident");

        var same = await Workspace.ReceiveAsync(FileOf(_second));
        var old = await Assert.CatchAsync<MlOpsException>(async () => await Workspace.ReceiveAsync(FileOf(_first)));

        Assert.Multiple(async () =>
        {
            Assert.That(live, Is.EqualTo(2));
            Assert.That((same.IsNew, same.LiveVersion), Is.EqualTo((false, 1)));
            Assert.That(old!.Message, Does.Contain("is an old release"));
            Assert.That(await Workspace.Approvals.ListAsync(), Has.Count.EqualTo(1));
            Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
        });
    }

    private static byte[] FileOf(DesiredDeployment desired) => ReleaseFile.Write(desired, _signer);

    private async Task<ApprovalRequiredException> RequireAsync(DesiredDeployment desired) =>
        (await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.ReceiveAsync(FileOf(desired))))!;

    private async Task DecideAsync(long approval, bool approves = true)
    {
        _people.Actor = "ann";
        await (approves ? Workspace.Approvals.ApproveAsync(approval, "x") : Workspace.Approvals.RejectAsync(approval, "y"));
        _people.Actor = "dan";
    }
}
