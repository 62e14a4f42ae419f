using System.CommandLine;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Compares two tables column by column.</summary>
internal sealed class DriftCommand : ToolCommand
{
    // As TableComparison.OfAsync has them.
    private const double Material = 0.1;
    private const double Significance = 0.05;
    private const int MinimumRows = 200;

    private readonly Argument<string> _reference = TableFile.NewArgument(
        "reference", "The file to compare with, or run:ID for what a run collected");

    private readonly Argument<string> _current = TableFile.NewArgument("current", "The file to judge, or run:ID");
    private readonly Option<string?> _delimiter = TableFile.NewDelimiter();
    private readonly Option<string?> _page = new("--html") { Description = "Write a page with charts, too.", HelpName = "file" };

    private readonly Option<double> _material = new("--material")
    {
        Description = "From which effect size a change is material.",
        HelpName = "effect",
        DefaultValueFactory = _ => Material,
    };

    private readonly Option<double> _significance = new("--significance")
    {
        Description = "From which corrected p-value a change is significant.",
        HelpName = "p",
        DefaultValueFactory = _ => Significance,
    };

    private readonly Option<int> _minimumRows = new("--minimum-rows")
    {
        Description = "How many rows a file needs for a verdict.",
        HelpName = "n",
        DefaultValueFactory = _ => MinimumRows,
    };

    public DriftCommand()
        : base("drift", "Compare two files: changed columns, and the drift of each. Exit code 1 when something changed.")
    {
        _material.Allow(effect => effect is >= 0 and <= 1_000, "0 to 1000");
        _significance.Allow(p => p is > 0 and < 1, "between 0 and 1");
        _minimumRows.Allow(rows => rows >= 2, "2 or more");
        Add(_reference);
        Add(_current);
        Add(_material);
        Add(_significance);
        Add(_minimumRows);
        Add(_delimiter);
        Add(_page);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops drift last-month.csv this-month.csv",
        "mlops drift run:4f2a9c1e today.parquet --html drift.html",
        "mlops drift last-month.csv this-month.csv --json | jq '.findings[] | select(.verdict == \"Changed\")'",
    ];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var rows = new RowsArgument(invocation, invocation.Get(_delimiter));
        await using (rows.ConfigureAwait(false))
        {
            var reference = await rows.OpenAsync(invocation.Get(_reference), cancellationToken).ConfigureAwait(false);
            var current = await rows.OpenAsync(invocation.Get(_current), cancellationToken).ConfigureAwait(false);
            var comparison = await invocation.Terminal.WorkAsync(
                $"Comparing {current.Name} with {reference.Name}",
                progress => CompareAsync(invocation, reference, current, progress, cancellationToken)).ConfigureAwait(false);
            invocation.Show(comparison, shown => shown.ToJson(), shown => Show(invocation.Terminal, shown));
            await invocation.WritePageAsync(invocation.Get(_page), () => comparison.ToHtml(), cancellationToken).ConfigureAwait(false);
            return comparison.HasChanged ? ExitCode.Found : ExitCode.Done;
        }
    }

    private Task<TableComparison> CompareAsync(
        Invocation invocation, IDataSource reference, IDataSource current, IProgress<long> progress, CancellationToken cancellationToken) =>
        TableComparison.OfAsync(
            new CountedSource(reference, progress),
            new CountedSource(current, progress),
            invocation.Get(_material),
            invocation.Get(_significance),
            invocation.Get(_minimumRows),
            cancellationToken);

    private static void Show(Terminal terminal, TableComparison comparison)
    {
        terminal.Line(
            $"{comparison.Current} ({Prose.Count(comparison.CurrentRows, "row")}) against " +
            $"{comparison.Reference} ({Prose.Count(comparison.ReferenceRows, "row")})");
        foreach (var change in comparison.SchemaChanges) terminal.Line($"- {change}", new Style(Color.Red));
        if (comparison.Findings.Count > 0)
        {
            var table = new TextTable("column", "verdict", "effect", "size#", "material#", "test", "p#", "note");
            foreach (var finding in comparison.Findings)
            {
                var measured = finding.Measurement;
                table.Add(
                    finding.Verdict == MonitoringVerdict.Changed,
                    measured.Subject,
                    finding.Verdict.ToString(),
                    measured.Effect,
                    measured.NotMeasured is null ? Shown.Number(measured.EffectSize) : null,
                    Shown.Number(measured.Material),
                    measured.Statistic,
                    finding.AdjustedPValue is { } p ? Shown.Number(p) : null,
                    measured.NotMeasured ?? measured.Note);
            }
            terminal.Table(table);
        }
        var changed = comparison.Findings.Count(finding => finding.Verdict == MonitoringVerdict.Changed);
        terminal.Line(comparison.HasChanged
            ? $"Changed. Columns that drifted: {Prose.Count(changed)}; that came, went or have another type: " +
                Prose.Count(comparison.SchemaChanges.Count)
            : "No change that is both significant and material.");
    }
}
