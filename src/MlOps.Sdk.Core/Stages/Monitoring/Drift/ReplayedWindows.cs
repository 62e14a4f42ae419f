using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// The training rows judged against themselves: contiguous windows of them, each compared with all others as a window of predictions
/// would be. Nothing has changed there, so each alarm is a false one, or a change within the training rows.
/// </summary>
/// <param name="Windows">How many windows there were.</param>
/// <param name="Rows">Training rows per window, on average.</param>
/// <param name="Alarms">In how many of them something changed, by the verdict at the full significance level.</param>
/// <param name="Subjects">What changed in any of them, the most frequent first.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ReplayedWindows(int Windows, long Rows, int Alarms, IReadOnlyList<string> Subjects)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
