using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Rollout;

/// <summary>What a rollout strategy decided.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RolloutDecision
{
    private RolloutDecision(RolloutAction action, string reason) => (Action, Reason) = (action, reason);

    /// <summary>What is to happen.</summary>
    public RolloutAction Action { get; }

    /// <summary>Why, in a clause without a full stop. Stored with the run, and with the move of the alias.</summary>
    public string Reason { get; }

    /// <summary>The candidate's share of the calls, 0 to 1; 0 unless it is <see cref="RolloutAction.Divide"/>.</summary>
    public double Share { get; private init; }

    /// <summary>What the guards found, where the strategy has any.</summary>
    public IReadOnlyList<GuardFinding> Findings { get; init; } = [];

    /// <summary>The candidate takes the place of the live version.</summary>
    /// <param name="reason">Why, in a clause.</param>
    public static RolloutDecision GoLive(string reason) => new(RolloutAction.GoLive, Require(reason));

    /// <summary>The live version stays; a candidate that answers calls is rolled back.</summary>
    /// <param name="reason">Why, in a clause.</param>
    public static RolloutDecision KeepBack(string reason) => new(RolloutAction.KeepBack, Require(reason));

    /// <summary>The candidate answers a share of the calls.</summary>
    /// <param name="share">The share, 0 to 1. With 0, it is loaded, and answers nothing.</param>
    /// <param name="reason">Why, in a clause.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public static RolloutDecision Divide(double share, string reason) => share is >= 0 and <= 1
        ? new RolloutDecision(RolloutAction.Divide, Require(reason)) { Share = share }
        : throw new ArgumentOutOfRangeException(nameof(share), share, "A share is between 0 and 1.");

    /// <summary>Nothing changes until the next check. Before calls are divided, the live version stays.</summary>
    /// <param name="reason">Why, in a clause.</param>
    public static RolloutDecision Wait(string reason) => new(RolloutAction.Wait, Require(reason));

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

    private static string Require(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return reason;
    }
}
