using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Messages of the log of a run.</summary>
/// <param name="Entries">The messages, in the order in which they were logged.</param>
/// <param name="Next">
/// What <see cref="RunLogQuery.After"/> is for the next page; <see langword="null"/> when there was none when this one was read.
/// </param>
/// <param name="Dropped">How many messages of the run were dropped because of its bounds, whatever the query.</param>
public sealed record RunLogPage(IReadOnlyList<RunLogEntry> Entries, long? Next, long Dropped)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
