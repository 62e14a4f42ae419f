using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>The log of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Entries">The messages, in the order in which they were logged.</param>
/// <param name="Dropped">How many messages of the run were dropped because of the bounds of its log, whatever the options.</param>
internal sealed record RunMessages(string RunId, IReadOnlyList<RunLogEntry> Entries, long Dropped);
