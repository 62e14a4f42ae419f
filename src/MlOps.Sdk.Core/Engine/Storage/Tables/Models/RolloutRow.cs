namespace MlOps.Sdk.Storage;

/// <summary>A decision on a rollout, as the database gives it.</summary>
internal sealed class RolloutRow
{
    public long No { get; init; }

    /// <summary>The number of the first row of the rollout; 0 for the first one, which has none yet.</summary>
    public long Rollout { get; init; }

    public string Model { get; init; } = "";

    public int Version { get; init; }

    public int Live { get; init; }

    public string Strategy { get; init; } = "";

    public string State { get; init; } = "";

    public double Share { get; init; }

    public long StartedAt { get; init; }

    public long At { get; init; }

    /// <summary>The last prediction that was stored when the rollout began.</summary>
    public long Position { get; init; }

    /// <summary>The generation of the route that gives the candidate its share; 0 for rollouts that began before it was recorded.</summary>
    public long Generation { get; init; }

    /// <summary>
    /// What larger absolute errors count as where no guard says otherwise, infinity for none; <see langword="null"/> for rollouts that
    /// began before it was recorded.
    /// </summary>
    public double? LargestError { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";

    public string Findings { get; init; } = "";
}
