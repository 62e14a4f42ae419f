using System.CommandLine;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tool;

/// <summary>Exports the audit log, so that others can verify it.</summary>
internal sealed class AuditExportCommand : WorkspaceCommand
{
    private const string JsonLines = "jsonl";
    private const string Csv = "csv";

    private readonly Option<string?> _format = new("--format")
    {
        Description = "JSON lines or CSV. Default: what the name of the output says, else jsonl.",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "The file to write, which is replaced once it is whole. Default: the output.",
        HelpName = "file",
    };

    private readonly Option<string?> _subject = new("--subject")
    {
        Description = "Only entries about this subject or what is below it, such as model:customer-churn.",
        HelpName = "subject",
    };

    private readonly Option<string?> _by = new("--by") { Description = "Only what this actor did.", HelpName = "name" };

    private readonly Option<string?> _action = new("--action")
    {
        Description = "Only this action, such as model.promoted.",
        HelpName = "action",
    };

    private readonly Option<DateTimeOffset?> _from = NewTime("--from", "Only entries of this time or later, such as 2026-01-31T08:30Z.");

    private readonly Option<DateTimeOffset?> _to = NewTime("--to", "Only entries before this time.");

    public AuditExportCommand()
        : base("export", "Export the audit log with all that is needed to verify it without this tool.")
    {
        _format.AcceptOnlyFromAmong(JsonLines, Csv);
        Add(_format);
        Add(_output);
        Add(_subject);
        Add(_by);
        Add(_action);
        Add(_from);
        Add(_to);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops audit export --output audit.jsonl",
        "mlops audit export --format csv --subject model:customer-churn > churn.csv",
        "mlops audit export --from 2026-01-01 --to 2026-02-01 --output january.csv",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var path = invocation.Get(_output);
        if (path is null && invocation.IsJson)
        {
            throw new UsageException("The export is what is written to the output.", "Name a file with --output, or leave --json out.");
        }
        var isCsv = invocation.Get(_format) is { } named
            ? named == Csv
            : Path.GetExtension(path)?.Equals($".{Csv}", StringComparison.OrdinalIgnoreCase) == true;
        var format = isCsv ? AuditFormat.Csv : AuditFormat.JsonLines;
        var filter = new AuditFilter
        {
            Subject = invocation.Get(_subject),
            Actor = invocation.Get(_by),
            Action = invocation.Get(_action),
            From = invocation.Get(_from),
            To = invocation.Get(_to),
        };
        if (path is null)
        {
            var output = new TextOutput(invocation.Terminal);
            await using (output.ConfigureAwait(false))
            {
                var written = await workspace.Audit.ExportAsync(output, format, filter, cancellationToken).ConfigureAwait(false);
                if (written == 0) await ExplainAsync(invocation.Terminal, workspace, filter, cancellationToken).ConfigureAwait(false);
            }
            return ExitCode.Done;
        }
        var count = await invocation.Terminal.WorkAsync(
            "Exporting the audit log",
            _ => WholeFile.WriteAsync(
                path,
                file => workspace.Audit.ExportAsync(file, format, filter, cancellationToken))).ConfigureAwait(false);
        if (count == 0) await ExplainAsync(invocation.Terminal, workspace, filter, cancellationToken).ConfigureAwait(false);
        invocation.Show(
            new AuditFile(Path.GetFullPath(path), format, count),
            ToolJson.Default.AuditFile,
            shown => invocation.Terminal.Line($"Entries that were written to {path}: {Prose.Count(shown.Entries)}"));
        return ExitCode.Done;
    }

    // No entry is an answer, but not to a condition that was mistyped.
    private static async Task ExplainAsync(
        Terminal terminal, Workspace workspace, AuditFilter filter, CancellationToken cancellationToken)
    {
        HashSet<string> actions = [], subjects = [], actors = [];
        await foreach (var entry in workspace.Audit.ReadAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            actions.Add(entry.Action);
            actors.Add(entry.Actor);
            subjects.Add(entry.Subject);
            for (var slash = entry.Subject.IndexOf('/', StringComparison.Ordinal); slash >= 0;)
            {
                subjects.Add(entry.Subject[..slash]);
                slash = entry.Subject.IndexOf('/', slash + 1);
            }
        }

        terminal.Complain("No entry meets the conditions.");
        Explain(terminal, filter.Action, actions, "has the action", areShown: true);
        Explain(terminal, filter.Subject, subjects, "is about", areShown: false);
        Explain(terminal, filter.Actor, actors, "is by", areShown: false);
    }

    private static void Explain(Terminal terminal, string? named, HashSet<string> known, string what, bool areShown)
    {
        if (named is null || known.Contains(named)) return;
        var near = NearestName.Find(named, known) is { } name ? $" Did you mean '{name}'?" : "";
        var all = areShown && known.Count > 0 ? $" The log has: {string.Join(", ", known.Order(StringComparer.Ordinal))}." : "";
        terminal.Complain($"No entry of the log {what} '{named}'.{near}{all}");
    }

    private static Option<DateTimeOffset?> NewTime(string name, string description) => new(name)
    {
        Description = $"{description} UTC without an offset.",
        HelpName = "time",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (DateTimeOffset.TryParse(
                text,
                System.Globalization.CultureInfo.InvariantCulture,
                System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal,
                out var time))
            {
                return time;
            }
            result.AddError($"'{text}' is not a time such as 2026-01-31 or 2026-01-31T08:30:00+01:00.");
            return null;
        },
    };
}
