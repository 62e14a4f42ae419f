using System.Globalization;
using System.Text;
using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Training;

/// <summary>
/// All trials of a search, best first: those that keep the guards by the primary metric, then those that do not,
/// then those that failed. Immutable.
/// </summary>
/// <param name="Metric">The primary metric.</param>
/// <param name="Direction">Which of its values are better.</param>
/// <param name="Trials">The trials, in order.</param>
public sealed record Leaderboard(string Metric, Direction Direction, IReadOnlyList<TrialResult> Trials)
{
    /// <summary>The trials as a table of text.</summary>
    public override string ToString()
    {
        var width = Trials.Select(trial => trial.Candidate.Length).Append("candidate".Length).Max();
        var text = new StringBuilder();
        text
            .Append(CultureInfo.InvariantCulture, $"{"",4}  {"candidate".PadRight(width)}  {"trial",5}  {Metric,12}  guards  parameters")
            .AppendLine();
        for (var i = 0; i < Trials.Count; i++)
        {
            var trial = Trials[i];
            var value = trial.IsOverBudget ? "over budget"
                : trial.Error is not null ? "failed"
                : trial.Metrics[Metric] is { IsDefined: true } metric ? metric.Value.ToString("0.######", CultureInfo.InvariantCulture)
                : "undefined";
            var guards = trial.Error is not null ? "" : trial.PassedGuards ? "kept" : "broken";
            var rest = trial.Error
                ?? string.Join(", ", trial.Parameters.Select(
                    parameter => string.Create(CultureInfo.InvariantCulture, $"{parameter.Key}={parameter.Value:0.####}")));
            text.Append(CultureInfo.InvariantCulture, $"{i + 1,4}  {trial.Candidate.PadRight(width)}  {trial.Trial,5}  " +
                $"{value,12}  {guards,-6}  {rest}").AppendLine();
        }

        return text.ToString();
    }
}
