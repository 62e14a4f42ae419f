using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Says of an approval that is missing whether it is this call that requested it.</summary>
internal static class RequestedApproval
{
    /// <exception cref="ApprovalRequiredException">People must approve it; the message says who requested that.</exception>
    /// <exception cref="MlOpsException">There is no such model, or the work failed.</exception>
    public static async Task<AliasChange> TellAsync(
        Workspace workspace, string model, Func<Task<AliasChange>> work, CancellationToken cancellationToken)
    {
        await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
        var before = await workspace.Approvals.ListAsync(
            model, ApprovalState.Pending, cancellationToken: cancellationToken).ConfigureAwait(false);
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (ApprovalRequiredException e) when (e.Approval is { } approval)
        {
            var isNew = before.All(each => each.Id != approval.Id);
            throw new ApprovalRequiredException(
                isNew
                    ? $"{e.Problem} This requested it."
                    : $"{e.Problem} {approval.Requester} requested it {Shown.Moment(approval.RequestedAt)} UTC.",
                $"{e.Remedy} See: mlops approvals show {Shown.Number(approval.Id)}",
                approval);
        }
    }
}
