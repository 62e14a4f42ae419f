using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using Spectre.Console;

namespace CustomerChurn;

/// <summary>Prints what a run found.</summary>
internal static class RunReport
{
    public static void Print(LifecycleRun run)
    {
        Title("Rows");
        var rows = run.Processing!;
        AnsiConsole.WriteLine(FormattableString.Invariant(
            $"{rows.TrainRows:N0} to learn from, {rows.HoldoutRows:N0} held out for good, {rows.QuarantinedRows:N0} quarantined"));
        foreach (var expectation in rows.Expectations)
        {
            AnsiConsole.WriteLine($"{(expectation.Met ? "met" : "not met")}: {expectation.Description}");
        }

        Title("What the training rows show");
        var exploration = run.Exploration!;
        var profile = exploration.Profile;
        AnsiConsole.WriteLine(FormattableString.Invariant(
            $"{profile.RowCount:N0} rows, {profile.Columns.Count} columns; missing values: {Missing(profile.Columns)}"));
        foreach (var finding in profile.Findings) AnsiConsole.WriteLine($"- {finding.Sentence}");
        foreach (var suspect in exploration.LeakageSuspects) AnsiConsole.WriteLine($"- {suspect.Sentence}");
        var strongest = exploration.Associations
            .Take(5)
            .Select(association => $"{association.Column} ({association.Measure} {Number(association.Value)})");
        AnsiConsole.WriteLine($"Strongest with {exploration.Label}: {string.Join(", ", strongest)}");

        Title("Hypotheses");
        var hypotheses = NewTable("Hypothesis", "Verdict", "Effect", "Corrected p", "In words");
        foreach (var result in exploration.Hypotheses)
        {
            hypotheses.AddRow(Cells(
                result.Name, Words(result.Verdict), Number(result.Test.EffectSize), Small(result.AdjustedPValue), result.Sentence));
        }
        AnsiConsole.Write(hypotheses);

        Title("Leaderboard (out of fold)");
        var leaderboard = NewTable("#", "Trainer", "ROC AUC", "Guards", "Parameters");
        var rank = 0;
        foreach (var trial in run.Training!.Leaderboard.Trials.Take(8))
        {
            leaderboard.AddRow(Cells(
                $"{++rank}",
                trial.Candidate,
                trial.Metrics.TryGetValue("roc_auc", out var auc) ? Show(auc) : "—",
                trial.PassedGuards ? "passed" : "failed",
                string.Join(", ", trial.Parameters.Select(p => FormattableString.Invariant($"{p.Key} {p.Value:0.###}")))));
        }

        AnsiConsole.Write(leaderboard);
        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Winner: {run.Training.Trainer}; " +
                $"a customer is called from a probability of {run.Training.Threshold:0.000} on, chosen from the costs."));
        Print(run.Deployment!);
    }

    public static void Print(DeploymentReport deployment)
    {
        Title(FormattableString.Invariant($"Holdout ({deployment.HoldoutRows:N0} rows, 95 % intervals)"));
        foreach (var (name, value) in deployment.Holdout) AnsiConsole.WriteLine($"{name,-38} {Show(value)}");

        Title("Gates");
        var gates = NewTable("Gate", "Outcome", "Observed", "Required", "Why");
        foreach (var gate in deployment.Gates)
        {
            gates.AddRow(Cells(gate.Name, Words(gate.Outcome), gate.Observed, gate.Required, gate.Explanation));
        }
        AnsiConsole.Write(gates);
        AnsiConsole.WriteLine(
            $"{(deployment.IsDeployed ? "Deployed" : "Not deployed")}: " +
            $"{deployment.Model} version {deployment.Version}. {deployment.Reason}");
    }

    public static void Print(MonitoringReport report)
    {
        var changes = report.Changes.ToArray();
        AnsiConsole.WriteLine(
            $"{report.Rows:N0} predictions by version {report.Version}: " +
            $"{(changes.Length == 0 ? "stable" : $"{changes.Length} of {report.Findings.Count} measurements changed")}");
        if (changes.Length == 0) return;
        var table = NewTable("Signal", "What", "Test", "Corrected p", "Effect", "Material from");
        foreach (var (_, measurement, adjusted, _) in changes.Take(8))
        {
            table.AddRow(Cells(
                Words(measurement.Signal),
                measurement.Subject,
                $"{measurement.Statistic} {Number(measurement.Value)}",
                Small(adjusted),
                $"{measurement.Effect} {Number(measurement.EffectSize)}",
                Number(measurement.Material)));
        }
        AnsiConsole.Write(table);
        if (changes.Length > 8) AnsiConsole.WriteLine($"and {changes.Length - 8} more");
    }

    public static void Title(string text)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.Write(new Rule(Markup.Escape(text)) { Justification = Justify.Left });
    }

    private static string Missing(IEnumerable<ColumnSummary> columns) =>
        string.Join(", ", columns.Where(column => column.Missing > 0).Select(column => $"{column.Name} {column.Missing}"))
            is { Length: > 0 } missing
            ? missing
            : "none";

    // NotApplicable is "not applicable".
    private static string Words<T>(T value)
        where T : struct, Enum =>
        string.Concat($"{value}".Select(
            (letter, i) => char.IsUpper(letter) ? $"{(i > 0 ? " " : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    private static Table NewTable(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Minimal };
        foreach (var column in columns) table.AddColumn(column);
        return table;
    }

    private static Text[] Cells(params string[] cells) => Array.ConvertAll(cells, cell => new Text(cell));

    private static string Show(MetricValue value) =>
        !value.IsDefined ? $"undefined: {value.Undefined}"
        : value.HasInterval ? FormattableString.Invariant($"{value.Value:0.0000} [{value.Lower:0.0000}, {value.Upper:0.0000}]")
        : FormattableString.Invariant($"{value.Value:0.0000}");

    private static string Number(double value) => FormattableString.Invariant($"{value:0.###}");

    private static string Small(double? value) => value is not { } p ? "—" : p < 0.001 ? "< 0.001" : Number(p);
}
