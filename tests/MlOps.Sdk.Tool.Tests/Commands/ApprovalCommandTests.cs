using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class ApprovalCommandTests
{
    private TempFolder _folder = null!;
    private Mlops _tool = null!;

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
        _tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(_folder) } };
    }

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public async Task ListAndShow_ARequest_SayWhomItAwaits()
    {
        var id = await AddAsync();

        var pending = await _tool.RunAsync("approvals", "list", "--state", "Pending", "--model", SampleWorkspace.Model);
        var rejected = await _tool.RunAsync("approvals", "list", "--state", "Rejected", "--json");
        var show = await _tool.RunAsync("approvals", "show", id);
        var json = await _tool.RunAsync("approvals", "show", id, "--json");

        Assert.Multiple(() =>
        {
            Assert.That(pending.Lines[1], Does.Match("^ +1  churn +1  Promotion  Pending  model-owner, risk-officer  "));
            Assert.That(rejected.Json.GetProperty("approvals").GetArrayLength(), Is.Zero);
            Assert.That(show.Lines[0], Is.EqualTo("Approval 1: churn, version 1, pending"));
            Assert.That(show.Out, Does.Contain("by dan, to go live instead of version 2").And.Contain("it is better on the same rows")
                .And.Contain("Awaits model-owner, risk-officer until ").And.Contain("Cannot approve it: dan, ann"));
            Assert.That(json.Json.GetProperty("state").GetString(), Is.EqualTo("Pending"));
            Assert.That(json.Json.GetProperty("policy").GetProperty("expiresAfter").GetString(), Is.EqualTo("7.00:00:00"));
        });
    }

    [Test]
    public async Task Approve_ByTwoPeople_LetsTheRunGoOn()
    {
        var id = await AddAsync();

        var first = await _tool.RunAsync("approve", id, "--reason", "fine", "--actor", "cara", "--role", "risk-officer");
        var twice = await _tool.RunAsync("approve", id, "--reason", "fine", "--actor", "cara", "--role", "risk-officer");
        var second = await _tool.RunAsync("approve", id, "--reason", "yes", "--actor", "bob", "--role", "model-owner");
        var show = await _tool.RunAsync("approvals", "show", id);
        var log = await _tool.RunAsync("audit", "verify");

        Assert.Multiple(() =>
        {
            Assert.That(first.Out, Does.StartWith("Approved. Approval 1 still awaits model-owner until "), first.Error);
            Assert.That(
                twice.Out,
                Does.StartWith(
                    "cara has approved it before, and counts for one role: nothing was changed. " +
                    "Approval 1 still awaits model-owner until "));
            Assert.That(
                second.Lines[0],
                Is.EqualTo("Approval 1 is given by all. Version 1 of churn goes live when its run goes on."),
                second.Error);
            Assert.That(show.Lines[^2], Does.EndWith("  cara  risk-officer  approved  fine"));
            Assert.That(show.Lines[^1], Does.EndWith("  bob   model-owner   approved  yes"));
            Assert.That(log.Code, Is.Zero, log.Out);
        });
    }

    [Test]
    public async Task Rollback_ThatMustBeApproved_EndsWithFourAndIsDoneByTheLastApproval()
    {
        await SampleApprovals.RequireAsync(_folder["workspace"]);

        var asked = await _tool.RunAsync("rollback", SampleWorkspace.Model, "--reason", "complaints", "--actor", "dan", "--json");
        var again = await _tool.RunAsync("rollback", SampleWorkspace.Model, "--reason", "complaints", "--actor", "eve");
        var typo = await _tool.RunAsync("approve", "1", "--reason", "fine", "--actor", "cara", "--role", "riskofficer");
        await _tool.RunAsync("approve", "1", "--reason", "fine", "--actor", "cara", "--role", "risk-officer");
        var done = await _tool.RunAsync("approve", "1", "--reason", "yes", "--actor", "bob", "--role", "model-owner", "--json");
        var live = await _tool.RunAsync("models", "show", SampleWorkspace.Model, "--json");

        Assert.Multiple(() =>
        {
            Assert.That((asked.Code, asked.Out), Is.EqualTo((4, "")));
            Assert.That(asked.Error, Does.StartWith("Version 1 of 'churn' is not live yet: Approval 1 awaits ")
                .And.Contain(" This requested it.").And.Contain("See: mlops approvals show 1"));
            Assert.That((again.Code, again.Out), Is.EqualTo((4, "")));
            Assert.That(again.Error, Does.Match("dan requested it [0-9].* UTC"));
            Assert.That((typo.Code, typo.Out), Is.EqualTo((3, "")));
            Assert.That(typo.Error, Does.Contain("'riskofficer' is none of its roles.").And.Contain("Did you mean 'risk-officer'?"));
            Assert.That(done.Json.GetProperty("state").GetString(), Is.EqualTo("Applied"), done.Error);
            Assert.That(live.Json.GetProperty("version").GetProperty("version").GetInt32(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Approve_OfALifecycle_GoesLiveWhenItsRunGoesOn()
    {
        var lifecycle = SampleApprovals.NewLifecycle("credit");
        await using var application = await Workspace.OpenAsync(
            _folder["workspace"], options => options.Actor = SampleApprovals.Requester);
        var run = (await lifecycle.RunAsync(application)).Id;

        var show = await _tool.RunAsync("runs", "show", run);
        var early = await _tool.RunAsync("promote", "credit", "1", "--reason", "at once", "--actor", "cara");
        var approved = await _tool.RunAsync("approve", "1", "--reason", "fine", "--actor", "cara", "--role", "risk-officer");
        await lifecycle.ResumeAsync(application, run);
        var request = await _tool.RunAsync("approvals", "show", "1");

        Assert.Multiple(() =>
        {
            Assert.That(show.Out, Does.Contain("AwaitingApproval").And.Contain("mlops approvals list --state Pending"));
            Assert.That((early.Code, early.Out), Is.EqualTo((4, "")));
            Assert.That(early.Error, Does.StartWith("Version 1 of 'credit' is not live yet: Approval 1 awaits risk-officer until ")
                .And.EndWith(
                    "\nThe run that waits for it goes on once all of them have approved it with mlops approve. " +
                    "See: mlops approvals show 1\n"));
            Assert.That(approved.Out, Does.StartWith("Approval 1 is given by all. Version 1 of credit goes live when"), approved.Error);
            Assert.That(request.Lines[0], Is.EqualTo("Approval 1: credit, version 1, applied"));
            Assert.That(request.Out, Does.Contain($"Run {run} waited for it"));
        });
    }

    [Test]
    public async Task Promote_AVersionThatWaits_EndsWithFour()
    {
        await AddAsync();

        var outcome = await _tool.RunAsync("promote", SampleWorkspace.Model, "1", "--reason", "at once", "--actor", "cara");

        Assert.That((outcome.Code, outcome.Out), Is.EqualTo((4, "")));
        Assert.That(outcome.Error, Does.Contain("Approval 1 awaits"));
    }

    [Test]
    public async Task Approve_WithoutARole_IsAMistakeThatNamesTheRoles()
    {
        var id = await AddAsync();

        var outcome = await _tool.RunAsync("approve", id, "--reason", "fine", "--actor", "cara");
        var byVariable = new Mlops
        {
            Variables = { ["MLOPS_WORKSPACE"] = _folder["workspace"], ["MLOPS_ROLES"] = "auditor, model-owner,", ["MLOPS_ACTOR"] = "cara" },
        };
        var approved = await byVariable.RunAsync("approve", id, "--reason", "fine");

        Assert.That(outcome.Code, Is.EqualTo(2));
        Assert.That(outcome.Error, Does.StartWith("Approval 1 awaits model-owner, risk-officer, and no role was named.\n")
            .And.Contain("--role").And.Contain("MLOPS_ROLES"));
        Assert.That(approved.Out, Does.StartWith("Approved. Approval 1 still awaits risk-officer "), approved.Error);
    }

    [TestCase("dan", "risk-officer", "whoever requests an approval does not give it")]
    [TestCase("cara", "intern", "has none of the roles")]
    [TestCase("cara", "Risk-Officer", "is none of its roles")]
    [TestCase("Ann", "risk-officer", "whoever made the version does not approve it")]
    public async Task Approve_ByWhomItDoesNotAwait_IsRefused(string actor, string role, string why)
    {
        var id = await AddAsync();

        var outcome = await _tool.RunAsync("approve", id, "--reason", "fine", "--actor", actor, "--role", role);
        var show = await _tool.RunAsync("approvals", "show", id, "--json");

        Assert.That((outcome.Code, outcome.Out), Is.EqualTo((3, "")));
        Assert.That(outcome.Error, Does.Contain(why));
        Assert.That(show.Json.GetProperty("given").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Reject_ByOne_IsEnoughAndFinal()
    {
        var id = await AddAsync();

        var rejected = await _tool.RunAsync("reject", id, "--reason", "too few rows", "--actor", "bob", "--role", "model-owner");
        var late = await _tool.RunAsync("approve", id, "--reason", "fine", "--actor", "cara", "--role", "risk-officer");
        var show = await _tool.RunAsync("approvals", "show", id);

        Assert.Multiple(() =>
        {
            Assert.That(rejected.Out, Is.EqualTo("Approval 1 is rejected. Version 1 of churn does not go live.\n"), rejected.Error);
            Assert.That((late.Code, late.Out), Is.EqualTo((3, "")));
            Assert.That(late.Error, Does.Contain("bob").And.Contain("too few rows"));
            Assert.That(show.Lines[0], Is.EqualTo("Approval 1: churn, version 1, rejected"));
            Assert.That(show.Lines[^1], Does.Contain("bob").And.EndWith("  rejected  too few rows"));
        });
    }

    [Test]
    public async Task Reject_ByWhoeverRequestedIt_NeedsNoRole()
    {
        var id = await AddAsync();

        var stranger = await _tool.RunAsync("reject", id, "--reason", "no", "--actor", "bob");
        var requester = await _tool.RunAsync("reject", id, "--reason", "a mistake", "--actor", SampleApprovals.Requester, "--json");

        Assert.That(stranger.Code, Is.EqualTo(2));
        Assert.That(requester.Json.GetProperty("ended").GetProperty("reason").GetString(), Is.EqualTo("a mistake"), requester.Error);
    }

    [Test]
    public async Task Show_NoSuchRequest_SaysWhatToType()
    {
        var outcome = await _tool.RunAsync("approvals", "show", "7");

        Assert.That(
            (outcome.Code, outcome.Error),
            Is.EqualTo((3, "There is no approval 7.\nmlops approvals list lists those that are pending.\n")));
    }

    [Test]
    public async Task Show_HostileTexts_ArePrintable()
    {
        var id = await SampleApprovals.AddAsync(_folder["workspace"], SampleWorkspace.Hostile);
        await _tool.RunAsync(
            "approve", "1", "--reason", SampleWorkspace.Hostile, "--actor", "[red]eve[/]\u001b[2J", "--role", "risk-officer");

        var show = await _tool.RunAsync("approvals", "show", $"{id}");
        var suggested = await _tool.RunAsync("[suggest:21]", "mlops approvals show ");

        Assert.That(show.Code, Is.Zero, show.Error);
        Assert.That(show.Out, Does.Contain("[red]eve[/]").And.Not.Contain('\u001b').And.Not.Contain('\u202e'));
        Assert.That(show.Lines[^1], Does.EndWith("row"), "a decision is a line");
        Assert.That(suggested.Out, Is.EqualTo("1\n"));
    }

    private async Task<string> AddAsync() => $"{await SampleApprovals.AddAsync(_folder["workspace"])}";
}
