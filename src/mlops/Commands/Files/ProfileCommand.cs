using System.CommandLine;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tool;

/// <summary>Describes the columns of a file.</summary>
internal sealed class ProfileCommand : ToolCommand
{
    private readonly Argument<string> _file = TableFile.NewArgument("file", "A file");
    private readonly Option<string?> _delimiter = TableFile.NewDelimiter();
    private readonly Option<string?> _page = new("--html") { Description = "Write a page with charts, too.", HelpName = "file" };

    public ProfileCommand()
        : base("profile", "Describe the columns of a file: types, missing values, ranges, and what is noteworthy. Needs no workspace.")
    {
        Add(_file);
        Add(_delimiter);
        Add(_page);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops profile customers.csv", "mlops profile customers.parquet --html profile.html"];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var file = invocation.Get(_file);
        var source = TableFile.Open(file, invocation.Get(_delimiter));
        var profile = await invocation.Terminal.WorkAsync(
            $"Profiling {file}",
            progress => DatasetProfile.OfAsync(new CountedSource(source, progress), cancellationToken)).ConfigureAwait(false);
        invocation.Show(profile, shown => shown.ToJson(), shown => Show(invocation.Terminal, shown));
        await invocation.WritePageAsync(invocation.Get(_page), () => profile.ToHtml(), cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, DatasetProfile profile)
    {
        terminal.Line($"{Prose.Count(profile.RowCount, "row")}, {Prose.Count(profile.Columns.Count, "column")}");
        var table = new TextTable("column", "type", "missing#", "distinct#", "minimum#", "median#", "mean#", "maximum#", "most frequent");
        foreach (var column in profile.Columns)
        {
            // For texts, the numbers are of their lengths.
            var hasNumbers = column.Type is ColumnType.Number or ColumnType.Integer;
            table.Add(
                column.Name,
                column.Type.ToString(),
                Shown.Number(column.Missing),
                double.IsNaN(column.Distinct) ? null : Shown.Number(column.Distinct),
                hasNumbers ? Number(column.Minimum) : column.Times is { } first ? Shown.Moment(first.First) : null,
                hasNumbers ? Number(column.Median) : null,
                hasNumbers ? Number(column.Mean) : null,
                hasNumbers ? Number(column.Maximum) : column.Times is { } last ? Shown.Moment(last.Last) : null,
                string.Join(", ", column.Frequent.Take(3).Select(item => item.Item)));
        }
        terminal.Table(table);
        if (profile.Findings.Count > 0) terminal.Heading("Noteworthy");
        foreach (var finding in profile.Findings) terminal.Line($"- {finding.Sentence}");
    }

    private static string? Number(double value) => double.IsNaN(value) ? null : Shown.Number(value);
}
