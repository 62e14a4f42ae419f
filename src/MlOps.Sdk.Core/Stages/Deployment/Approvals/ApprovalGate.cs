using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>The last gate: people. It judges only versions that pass all others.</summary>
/// <param name="services">What stage 8 works with.</param>
/// <param name="asked">What the lifecycle requires; <see langword="null"/> where it requires nothing.</param>
internal sealed class ApprovalGate(DeploymentServices services, ApprovalPolicy? asked)
{
    public const string Name = "approval";

    private const int Newest = 20;

    /// <summary>Adds how the requests of the model stand to the fingerprint: once people decided, the stage is run again.</summary>
    public async ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        var model = context.Run.Lifecycle;
        var before = await services.Approvals.FindPolicyAsync(model, cancellationToken).ConfigureAwait(false);
        if (asked is null && before is null) return;
        var requests = await services.Approvals.ListAsync(model, isOpen: false, Newest, cancellationToken).ConfigureAwait(false);
        fingerprint
            .Add("required approvals", $"{ApprovalJson.Write(asked)}{ApprovalJson.Write(before)}")
            .Add(
                "approvals",
                string.Join(
                    ',', requests.Select(request => string.Create(CultureInfo.InvariantCulture, $"{request.Id} {request.State}"))));
        if (context.Run.IsResumed) fingerprint.Add("run that is resumed", context.Run.RunId);
    }

    /// <summary>Asks it.</summary>
    /// <param name="version">The version.</param>
    /// <param name="champion">The version that is live; <see langword="null"/> when none is.</param>
    /// <param name="gates">What the other gates said.</param>
    /// <param name="reason">Why the version is to go live.</param>
    /// <param name="run">The run that waits for the approval; <see langword="null"/> for none.</param>
    /// <param name="asksAgain">Whether what was rejected is requested again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What it said, <see langword="null"/> where nobody must approve; and the request that is pending.</returns>
    public async Task<(GateResult? Gate, Approval? Pending)> JudgeAsync(
        ModelVersion version,
        ModelVersion? champion,
        IReadOnlyList<GateResult> gates,
        string reason,
        string? run,
        bool asksAgain,
        CancellationToken cancellationToken)
    {
        // Who requires less than those before must be approved by them once more; who requires more need not wait for anybody.
        await TightenAsync(version, cancellationToken).ConfigureAwait(false);
        var before = await services.Approvals.FindPolicyAsync(version.Model, cancellationToken).ConfigureAwait(false);
        if (ApprovalPolicy.Stricter(asked, before) is not { } policy) return (null, null);
        var afterwards = run is null || ApprovalPolicy.IsSame(asked, before) ? null : asked ?? new ApprovalPolicy { Roles = [] };
        var required = ApprovalPolicy.Describe(policy.Roles);
        var newest = (await services.Approvals.ListOfAsync(version, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(approval => approval.Kind == ApprovalKind.Promotion);
        if (gates.Any(gate => gate.Outcome == GateOutcome.Failed))
        {
            // What people approved was better than another version than the one that is live now.
            if (newest?.State == ApprovalState.Approved)
            {
                await services.Approvals.WithdrawAsync(version, "it does not pass the other gates any more", cancellationToken)
                    .ConfigureAwait(false);
            }
            return (new GateResult(Name, GateOutcome.NotApplicable, "not requested", required, "Another gate failed."), null);
        }
        if (newest?.State == ApprovalState.Rejected && !asksAgain) return (Rejected(newest), null);
        var approval = await services.Approvals.RequestAsync(
            new NewApproval(
                version,
                ApprovalKind.Promotion,
                champion?.Version,
                policy,
                services.Acting.Person,
                $"{reason}{ApprovalPolicy.Change(policy, afterwards)}",
                run) { Afterwards = afterwards },
            cancellationToken).ConfigureAwait(false);
        if (approval.State == ApprovalState.Approved) return (Given(approval), null);
        DeploymentLog.ApprovalAwaited(services.Logger, approval.Id, version.Model, version.Version, required);
        return (
            new GateResult(Name, GateOutcome.Failed, "awaited", ApprovalPolicy.Describe(approval.Policy.Roles), approval.Awaited())
            {
                IsPending = true,
            },
            approval);
    }

    /// <summary>
    /// Lets everybody hold to what the lifecycle requires, from its first run on: another process must not make a version live meanwhile.
    /// </summary>
    public async Task TightenAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (asked is null) return;
        var before = await services.Approvals.FindPolicyAsync(version.Model, cancellationToken).ConfigureAwait(false);
        if (before?.Covers(asked) == true) return;
        await services.Approvals.TightenAsync(version, asked, services.Actor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the gate says of a request that was approved.</summary>
    public static GateResult Given(Approval approval) => new(
        Name,
        GateOutcome.Passed,
        approval.Approvers(),
        ApprovalPolicy.Describe(approval.Policy.Roles),
        FormattableString.Invariant($"Approval {approval.Id}: ") + string.Join(
            ' ',
            approval.Given.Select(
                given => FormattableString.Invariant($"{PrintableText.Line(given.Actor)} approved on {given.At:u}: ") +
                    $"{PrintableText.Line(given.Reason).TrimEnd('.')}.")));

    private static GateResult Rejected(Approval approval) => new(
        Name,
        GateOutcome.Failed,
        $"rejected by {approval.Ended!.Actor}",
        ApprovalPolicy.Describe(approval.Policy.Roles),
        $"{ApprovalRecords.Explain(approval)} To request it again, resume the run that failed.");
}
