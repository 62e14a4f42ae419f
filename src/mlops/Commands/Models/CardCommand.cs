using System.CommandLine;
using MlOps.Sdk.Evidence;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Writes the card of a version.</summary>
internal sealed class CardCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<int?> _version = ModelReference.NewVersionOrLive();
    private readonly Option<string?> _page = new("--html") { Description = "Write a page, too.", HelpName = "file" };
    private readonly Option<bool> _markdown = new("--markdown") { Description = "Write Markdown instead of tables." };

    public CardCommand(Completions completions)
        : base("card", "Write the model card of a version: what is recorded of it, and what is missing.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
        Add(_page);
        Add(_markdown);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops card customer-churn 3",
        "mlops card customer-churn 3 --html card.html",
        "mlops card customer-churn 3 --markdown > card.md",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var isMarkdown = invocation.Get(_markdown);
        if (isMarkdown && invocation.IsJson)
        {
            throw new UsageException("--markdown and --json are two forms of the same card.", "Choose one of them.");
        }
        var version = await ModelReference.FindAsync(
            workspace, invocation.Get(_model), invocation.Find(_version), cancellationToken).ConfigureAwait(false);
        var card = await workspace.Models.CardAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
        invocation.Show(card, ToolJson.Default.ModelCard, shown =>
        {
            // What may mislead is escaped in it.
            if (isMarkdown) invocation.Terminal.Out.Write(shown.ToMarkdown());
            else Show(invocation.Terminal, shown);
        });

        // Markdown may be written to a file, which has nothing else in it.
        await invocation.WritePageAsync(
            invocation.Get(_page), () => card.ToHtml(), isTold: !isMarkdown, cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, ModelCard card)
    {
        terminal.Line($"{card.Model}, version {Shown.Number(card.Version)}");
        foreach (var section in card.Sections)
        {
            terminal.Heading(section.Title);
            if (section.Facts.Count + section.Tables.Count == 0) terminal.Line("Nothing is recorded.");
            if (section.Facts.Count > 0)
            {
                Write(terminal, ["fact", "recorded"], section.Facts.Select(fact => (string[])[fact.Name, fact.Value]));
            }
            foreach (var table in section.Tables) Write(terminal, table.Columns, table.Rows);
        }
        if (card.Missing.Count == 0) return;
        terminal.Heading("What is missing");
        foreach (var gap in card.Missing) terminal.Line($"- {gap.Section}: {gap.What} {ApiWords.Say(gap.Remedy)}");
        terminal.Line($"{Prose.Count(card.Missing.Count, "statement")} {Prose.Are(card.Missing.Count)} missing.", new Style(Color.Red));
    }

    private static void Write(Terminal terminal, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new TextTable(columns);
        foreach (var row in rows) table.Add(row);
        terminal.Table(table);
    }
}
