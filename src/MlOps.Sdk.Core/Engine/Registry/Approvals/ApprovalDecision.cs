using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>What somebody decided on a request for approval.</summary>
/// <param name="Actor">Who; <c>approvals</c> for what nobody decided, such as the expiry.</param>
/// <param name="Role">
/// For which of the required roles the approval counts; <see langword="null"/> for what is no approval.
/// </param>
/// <param name="At">When, in UTC.</param>
/// <param name="Reason">Why.</param>
public sealed record ApprovalDecision(string Actor, string? Role, DateTimeOffset At, string Reason)
{
    /// <summary>By what the actor is known, whatever the name is (<see cref="IActorProvider.ActorId"/>).</summary>
    public required string ActorId { get; init; }

    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
