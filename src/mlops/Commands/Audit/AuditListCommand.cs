using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tool;

/// <summary>Lists entries of the audit log.</summary>
internal sealed class AuditListCommand : WorkspaceCommand
{
    private const int LongestField = 80;

    private readonly Option<string?> _subject = new("--subject")
    {
        Description = "Only entries about this subject, such as model:customer-churn/3.",
        HelpName = "subject",
    };

    private readonly Option<long?> _after = new("--after")
    {
        Description = "The entries that follow this one, the oldest first. Default: the last entries.",
        HelpName = "number",
    };

    private readonly Option<int> _limit = new("--limit")
    {
        Description = "At most so many entries.",
        HelpName = "n",
        DefaultValueFactory = _ => 50,
    };

    public AuditListCommand()
        : base("list", "List entries of the audit log: who did what, when and why.")
    {
        _limit.Allow(limit => limit >= 1, "1 or more");
        Add(_subject);
        Add(_after);
        Add(_limit);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops audit list --limit 10", "mlops audit list --subject model:customer-churn/3", "mlops audit list --after 1200 --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var limit = invocation.Get(_limit);
        var after = invocation.Get(_after);
        var entries = new Queue<AuditEntry>();
        var log = workspace.Audit.ReadAsync(after ?? 0, invocation.Get(_subject), cancellationToken);
        await foreach (var entry in log.ConfigureAwait(false))
        {
            if (entries.Count == limit && after is not null) break;
            if (entries.Count == limit) entries.Dequeue();
            entries.Enqueue(entry);
        }
        invocation.Show(new AuditEntries([.. entries]), ToolJson.Default.AuditEntries, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, AuditEntries shown)
    {
        if (shown.Entries.Count == 0)
        {
            terminal.Line("No entries were found.");
            return;
        }
        var table = new TextTable("entry#", "at (UTC)", "by", "what", "subject", "details");
        foreach (var entry in shown.Entries)
        {
            table.Add(Shown.Number(entry.Sequence), Shown.Moment(entry.At), entry.Actor, entry.Action, entry.Subject, Brief(entry.Details));
        }
        terminal.Table(table);
    }

    // A time is stored as its ticks.
    private static string Value(JsonProperty field)
    {
        var text = field.Value.ToString();
        return field.Name.EndsWith("At", StringComparison.Ordinal)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTimeOffset.MaxValue.UtcTicks
                ? $"{Shown.Moment(new DateTimeOffset(ticks, TimeSpan.Zero))} UTC"
                : text;
    }

    // The details are what the hash covers, as JSON; people see the beginning of each field, and --json has all of it.
    private static string Brief(string details)
    {
        try
        {
            using var document = JsonDocument.Parse(details);
            return document.RootElement.ValueKind != JsonValueKind.Object
                ? details
                : string.Join(", ", document.RootElement.EnumerateObject().Select(
                    field => $"{field.Name}: {PrintableText.ShortenTo(Value(field), LongestField)}"));
        }
        catch (JsonException)
        {
            return details;
        }
    }
}
