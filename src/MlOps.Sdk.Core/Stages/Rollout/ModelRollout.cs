using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Rollout;

/// <summary>A rollout as it stood after a decision.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ModelRollout
{
    /// <summary>The number of the rollout: the same for all decisions on it.</summary>
    public required long Id { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The candidate.</summary>
    public required int Version { get; init; }

    /// <summary>The version that was live when it began.</summary>
    public required int LiveVersion { get; init; }

    /// <summary>The name of the strategy.</summary>
    public required string Strategy { get; init; }

    /// <summary>How it stands.</summary>
    public required RolloutState State { get; init; }

    /// <summary>The candidate's share of the calls; when the rollout has ended, the last one.</summary>
    public required double Share { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was decided, in UTC: since then the candidate has its share.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who decided.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What the guards found.</summary>
    public IReadOnlyList<GuardFinding> Findings { get; init; } = [];

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

    /// <exception cref="MlOpsException">The record is damaged.</exception>
    internal static ModelRollout Of(RolloutRow row) => StoredRecord.Read(
        $"a decision on the rollout of '{row.Model}'",
        () => new ModelRollout
        {
            Id = row.Rollout,
            Model = row.Model,
            Version = row.Version,
            LiveVersion = row.Live,
            Strategy = row.Strategy,
            State = Enum.Parse<RolloutState>(row.State),
            Share = row.Share,
            StartedAt = Ticks.ToTime(row.StartedAt),
            At = Ticks.ToTime(row.At),
            Actor = row.Actor,
            Reason = row.Reason,
            Findings = RolloutJson.ReadFindings(row.Findings),
        });
}
