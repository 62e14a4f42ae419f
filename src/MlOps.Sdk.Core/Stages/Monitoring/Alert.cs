using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Something that people should know.</summary>
/// <param name="Id">Identifies the alert; a repeated delivery has the same id.</param>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
/// <param name="At">When it was raised.</param>
/// <param name="Signals">What was noticed.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record Alert(string Id, string Model, int Version, DateTimeOffset At, IReadOnlyList<Signal> Signals, string Message)
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<AlertSubject> _subjects = [];

    /// <summary>Whether something changed, or is over. Default: <see cref="AlertKind.Raised"/>.</summary>
    public AlertKind Kind { get; init; }

    /// <summary>What it is about; empty in alerts of version 0.1.</summary>
    public IReadOnlyList<AlertSubject> Subjects
    {
        get => _subjects;
        init => _subjects = value ?? [];
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
