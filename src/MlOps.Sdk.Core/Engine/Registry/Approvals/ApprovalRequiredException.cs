namespace MlOps.Sdk.Registry;

/// <summary>What was asked must be approved first. Nothing was changed, except that the approval may have been requested.</summary>
public sealed class ApprovalRequiredException : MlOpsException
{
    internal ApprovalRequiredException(string problem, string remedy, Approval? approval)
        : base(problem, remedy)
    {
        Approval = approval;
        IsOfCaller = true;
    }

    /// <summary>The request; <see langword="null"/> where none was made, because only a run of the lifecycle requests it.</summary>
    public Approval? Approval { get; }
}
