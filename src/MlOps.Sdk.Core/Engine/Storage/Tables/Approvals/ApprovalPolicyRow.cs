namespace MlOps.Sdk.Storage;

internal sealed record ApprovalPolicyRow
{
    public long No { get; init; }

    public string Model { get; init; } = "";

    /// <summary>Who must approve, as JSON; <c>null</c> where nobody must any more.</summary>
    public string Policy { get; init; } = "";

    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";
}
