namespace MlOps.Sdk.Storage;

internal sealed record RunRow
{
    public long No { get; init; }

    public string Id { get; init; } = "";

    public string Lifecycle { get; init; } = "";

    public string State { get; init; } = "";

    public long StartedAt { get; init; }

    public long? EndedAt { get; init; }

    public long Seed { get; init; }

    public string Cause { get; init; } = "";

    public string? ParentRun { get; init; }

    public string Kind { get; init; } = "Lifecycle";

    public long? Environment { get; init; }

    public string? Error { get; init; }

    public string OwnerToken { get; init; } = "";

    public string OwnerMachine { get; init; } = "";

    public int OwnerProcess { get; init; }

    public long OwnerStarted { get; init; }

    public long LeaseUntil { get; init; }

    public string? ResultsOf { get; init; }

    public int? FromStage { get; init; }

    /// <summary>The value that a search ordered by; otherwise 0.</summary>
    public double Score { get; init; }
}
