namespace MlOps.Sdk.Deployment;

/// <summary>What a review of a blessed version decided.</summary>
/// <param name="GoesLive">Whether it takes the place of the live one now.</param>
/// <param name="IsRollingOut">Whether it begins to do so step by step.</param>
/// <param name="Reason">Why, in a clause; empty where there is nothing to say.</param>
internal readonly record struct ReviewOutcome(bool GoesLive, bool IsRollingOut, string Reason)
{
    public static ReviewOutcome Live(string reason) => new(true, false, reason);

    public static ReviewOutcome KeptBack(string reason) => new(false, false, reason);

    public static ReviewOutcome RollingOut(string reason) => new(false, true, reason);
}
