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
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
