using System.Globalization;
using System.Text;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>The trials of a run's search, the best first, as they are recorded: also of a run that failed or was killed.</summary>
public sealed record RunLeaderboard
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The run that searched: the run itself, or the earlier one whose result it reused.</summary>
    public required string SearchedBy { get; init; }

    /// <summary>Whether the search has ended with a winner; otherwise these are the trials that had ended.</summary>
    public required bool IsFinished { get; init; }

    /// <summary>The metric that was optimized.</summary>
    public required string Metric { get; init; }

    /// <summary>Which of its values are better.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The trials, in order.</summary>
    public required IReadOnlyList<RankedTrial> Trials { get; init; }

    /// <summary>The trials as a table of text, and where they are from.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(new Leaderboard(Metric, Direction, [.. Trials.Select(trial => trial.Result)]).ToString());
        if (!IsFinished) text.AppendLine("The search has not ended: these are the trials that had.");
        if (SearchedBy != RunId) text.AppendLine(CultureInfo.InvariantCulture, $"Reused from run {SearchedBy}.");
        return text.ToString();
    }
}
