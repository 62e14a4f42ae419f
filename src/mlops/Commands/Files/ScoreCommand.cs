using System.CommandLine;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tool;

/// <summary>Scores a file with the version of a model that is live.</summary>
internal sealed class ScoreCommand : ToolCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<string> _file = TableFile.NewArgument("file", "The rows");
    private readonly Option<string?> _delimiter = TableFile.NewDelimiter();

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The file to write, which is replaced once all rows are scored: .csv, .tsv, .arrow, .feather or .parquet.",
        HelpName = "file",
        Required = true,
    };

    private readonly Option<string[]> _keep = new("--keep")
    {
        Description = "A column to write beside the scores. May be repeated. Default: all columns.",
        HelpName = "column",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "The column that makes the prediction ids, with another value in each row. Default: new ids.",
        HelpName = "column",
    };

    private readonly Option<bool> _skipMalformed = new("--skip-malformed") { Description = "Leave out rows that cannot be read." };

    private readonly Option<bool> _skipRejected = new("--skip-rejected")
    {
        Description = "Leave out rows that the input contract of the model rejects.",
    };

    public ScoreCommand(Completions completions)
        : base("score", "Score a file with the version of a model that is live, and enter it in the audit log.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_file);
        Add(_output);
        Add(_keep);
        Add(_key);
        Add(_skipMalformed);
        Add(_skipRejected);
        Add(_delimiter);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops score customer-churn customers.csv --output scores.csv",
        "mlops score customer-churn customers.parquet -o scores.parquet --keep customer_id --key customer_id",
    ];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var (model, file, output) = (invocation.Get(_model), invocation.Get(_file), invocation.Require(_output));
        if (Path.GetFullPath(file) == Path.GetFullPath(output))
        {
            throw new UsageException("The scores would replace the file with the rows.", "Name another file with --output.");
        }
        var sink = TableFile.Create(output);
        _ = TableFile.Open(file);
        var keep = invocation.Get(_keep)!;
        var options = new ScoringOptions
        {
            Keep = keep.Length > 0 ? keep : null,
            KeyColumn = invocation.Get(_key),
            Malformed = invocation.Get(_skipMalformed) ? MalformedRows.Quarantine : MalformedRows.Fail,
            SkipRejected = invocation.Get(_skipRejected),
        };
        var workspace = await invocation.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
            var report = await invocation.Terminal.WorkAsync(
                $"Scoring {file}",
                async progress => await workspace.ScoreAsync(
                    model,
                    await OpenAsync(workspace, model, file, invocation.Get(_delimiter), cancellationToken).ConfigureAwait(false),
                    sink,
                    options,
                    new Rows(progress),
                    cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            invocation.Show(report, ToolJson.Default.ScoringReport, shown => Show(invocation.Terminal, shown, output));
        }

        return ExitCode.Done;
    }

    // A file of texts does not tell its types: a column may look like numbers that the model reads as texts. Those that the model reads
    // have its types, the others those that they look like.
    private static async Task<IDataSource> OpenAsync(
        Workspace workspace, string model, string file, string? delimiter, CancellationToken cancellationToken)
    {
        var source = TableFile.Open(file, delimiter);
        if (TableFile.HasTypes(file)) return source;
        var live = await workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);

        // Without one, scoring says what is missing.
        if (live is null) return source;
        using var package = await workspace.ReadPackageAsync(live, cancellationToken).ConfigureAwait(false);
        var scan = await source.OpenAsync(ReadRequest.All, cancellationToken).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            var inputs = package.Graph.Input;
            return TableFile.Open(
                file,
                delimiter,
                new Schema([.. scan.Schema.Select(field => inputs.Contains(field.Name) ? inputs[field.Name] : field)]));
        }
    }

    private static void Show(Terminal terminal, ScoringReport report, string output)
    {
        terminal.Line(
            $"{Prose.Count(report.Rows, "row")} scored by version {Shown.Number(report.Version)} of {report.Model} in " +
            $"{Shown.Duration(report.Duration)}, written to {output}.");
        if (report.MalformedRows > 0) terminal.Line($"Left out because they cannot be read: {Prose.Count(report.MalformedRows, "row")}");
        if (report.FlaggedRows > 0) terminal.Line($"With a value that the input contract flags: {Prose.Count(report.FlaggedRows, "row")}");
        if (report.RejectedRows == 0) return;
        terminal.Line($"Left out because the input contract rejects them: {Prose.Count(report.RejectedRows, "row")}");
        foreach (var problem in report.Rejected.Take(10)) terminal.Line($"- {problem}");
    }

    private sealed class Rows(IProgress<long> progress) : IProgress<ScoringProgress>
    {
        public void Report(ScoringProgress value) => progress.Report(value.Rows);
    }
}
