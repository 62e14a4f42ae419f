namespace MlOps.Sdk.Storage;

internal sealed record ApprovalDecisionRow
{
    public long No { get; init; }

    public long Approval { get; init; }

    /// <summary>The name of the state that it led to.</summary>
    public string Decision { get; init; } = "";

    public string Actor { get; init; } = "";

    public string ActorId { get; init; } = "";

    /// <summary>The roles that the actor had of those that are required, as JSON.</summary>
    public string Roles { get; init; } = "";

    public long At { get; init; }

    public string Reason { get; init; } = "";
}
