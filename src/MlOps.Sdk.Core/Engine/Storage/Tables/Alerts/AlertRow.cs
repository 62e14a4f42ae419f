namespace MlOps.Sdk.Storage;

/// <summary>An alert.</summary>
/// <param name="Id">Unique; the same id is kept once.</param>
/// <param name="Model">The model.</param>
/// <param name="At">When it was raised.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Signal">What raised it.</param>
/// <param name="Message">What it says.</param>
/// <param name="State">How its delivery stands: the words of whoever raises it.</param>
internal sealed record AlertRow(string Id, string Model, DateTimeOffset At, string Severity, string Signal, string Message, string State)
{
    public int Version { get; init; }

    /// <summary>How the alert stands: open, acknowledged, over.</summary>
    public string Status { get; init; } = "Open";

    /// <summary>What it is about: pairs of signal and subject, as JSON.</summary>
    public string Subjects { get; init; } = "[]";

    /// <summary>What of it has not recovered yet, as JSON.</summary>
    public string OpenSubjects { get; init; } = "[]";

    /// <summary>Why it could not be delivered.</summary>
    public string? Failure { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    public string? AcknowledgedWhy { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? EndedBy { get; init; }

    public string? EndedWhy { get; init; }
}
