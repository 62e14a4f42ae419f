using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>An alert, with what became of it.</summary>
public sealed record AlertRecord
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<AlertSubject> _subjects = [];
    private readonly IReadOnlyList<AlertSubject> _openSubjects = [];

    /// <summary>Identifies the alert.</summary>
    public required string Id { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version; 0 for alerts of version 0.1.</summary>
    public required int Version { get; init; }

    /// <summary>When it was raised.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>What it is about; empty for alerts of version 0.1.</summary>
    public IReadOnlyList<AlertSubject> Subjects
    {
        get => _subjects;
        init => _subjects = value ?? [];
    }

    /// <summary>What of it has not recovered yet.</summary>
    public IReadOnlyList<AlertSubject> OpenSubjects
    {
        get => _openSubjects;
        init => _openSubjects = value ?? [];
    }

    /// <summary>How it stands.</summary>
    public required AlertStatus Status { get; init; }

    /// <summary>How its delivery stands.</summary>
    public required AlertDelivery Delivery { get; init; }

    /// <summary>Which sinks could not send it, and why; <see langword="null"/> when none failed.</summary>
    public string? DeliveryFailure { get; init; }

    /// <summary>Who acknowledged it; <see langword="null"/> when nobody did.</summary>
    public AlertDecision? Acknowledged { get; init; }

    /// <summary>Who or what ended it; <see langword="null"/> while it is open or acknowledged.</summary>
    public AlertDecision? Ended { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

    /// <exception cref="MlOpsException">The row is damaged.</exception>
    internal static AlertRecord Of(AlertRow row) => StoredRecord.Read($"alert '{row.Id}'", () => new AlertRecord
    {
        Id = row.Id,
        Model = row.Model,
        Version = row.Version,
        At = row.At,
        Message = row.Message,
        Subjects = ReadSubjects(row.Subjects),
        OpenSubjects = ReadSubjects(row.OpenSubjects),
        Status = Enum.Parse<AlertStatus>(row.Status),
        Delivery = row.State switch
        {
            "sent" => AlertDelivery.Sent,
            "failed" => AlertDelivery.Failed,
            _ => AlertDelivery.Pending,
        },
        DeliveryFailure = row.Failure,
        Acknowledged = row.AcknowledgedAt is { } acknowledged
            ? new AlertDecision(acknowledged, row.AcknowledgedBy!, row.AcknowledgedWhy!)
            : null,
        Ended = row.EndedAt is { } ended ? new AlertDecision(ended, row.EndedBy!, row.EndedWhy!) : null,
    });

    /// <summary>The alert as it was raised.</summary>
    internal Alert ToAlert() => new(Id, Model, Version, At, [.. Subjects.Select(subject => subject.Signal).Distinct()], Message)
    {
        Subjects = Subjects,
    };

    internal static AlertSubject[] ReadSubjects(string json) =>
        [.. StorageJson.ReadPairs(json).Select(pair => new AlertSubject(Enum.Parse<Signal>(pair.Name), pair.Value))];

    internal static string WriteSubjects(IEnumerable<AlertSubject> subjects) =>
        StorageJson.WritePairs(subjects.Select(subject => (subject.Signal.ToString(), subject.Subject)));
}
